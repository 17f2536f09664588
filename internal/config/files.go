package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// path returns the path that a value gives, relative to the configuration
// file's folder.
func (d *decoder) path(v value) (path string, ok bool) {
	text, ok := d.text(v)
	if ok && text == "" {
		d.errorf(v, "must not be empty")
		return "", false
	}
	if !filepath.IsAbs(text) {
		text = filepath.Join(d.dir, text)
	}
	return text, ok
}

// file reads the file that a value gives.
func (d *decoder) file(v value) (path string, content []byte, ok bool) {
	path, ok = d.path(v)
	if !ok {
		return "", nil, false
	}
	content, err := d.read(path)
	if err != nil {
		d.errorf(v, "%w", err)
		return path, nil, false
	}
	return path, content, true
}

// readFile reads a regular file. Others could block for ever or never end, and
// cannot be read again later.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path) //nolint:gosec // whoever runs the exporter names the file
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	file, err := os.Open(path) //nolint:gosec // as above
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxSize+1))
	if err == nil && len(content) > maxSize {
		err = fmt.Errorf("%s is larger than %d MiB", path, maxSize>>20)
	}
	return content, err
}
