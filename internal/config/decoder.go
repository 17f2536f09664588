package config

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// decoder walks the nodes of a YAML document and notes every problem with its
// line and its path. Getters return a default where they note one, so that the
// walk goes on and finds the rest.
type decoder struct {
	name, dir string // of the configuration file
	read      func(path string) ([]byte, error)
	problems  []problem
	visits    int  // nodes seen, those behind an alias each time
	exhausted bool // by too many visits
}

type problem struct {
	line int
	err  error
}

const (
	// maxProblems keeps the answer to a file of garbage readable.
	maxProblems = 100
	// maxVisits stops alias bombs: aliases of aliases of aliases. A
	// configuration of a thousand projects takes a fifth of it.
	maxVisits = 200_000
)

// value is a part of the document, and what an error about it names.
type value struct {
	node *yaml.Node // not an alias
	path string     // projects[0].region; "": the whole
	line int        // of its key; of an item in a list, its own
}

func (d *decoder) errorf(v value, format string, args ...any) {
	at := fmt.Sprintf("%s:%d: ", d.name, v.line)
	if v.path != "" {
		at += v.path + ": "
	}
	d.note(v.line, fmt.Errorf("%s%w", at, fmt.Errorf(format, args...)))
}

func (d *decoder) note(line int, err error) {
	if !d.full() {
		d.problems = append(d.problems, problem{line, err})
	}
}

func (d *decoder) full() bool { return len(d.problems) >= maxProblems }

// value makes a value of a node, behind its alias if it is one.
func (d *decoder) value(node *yaml.Node, path string, line int) value {
	d.visits++
	if node.Kind == yaml.AliasNode {
		node = node.Alias // never an alias itself
	}
	return value{node, path, line}
}

// spent reports whether the walk has become too long, and notes that once.
func (d *decoder) spent(v value) bool {
	if d.visits > maxVisits && !d.exhausted {
		d.exhausted = true
		d.errorf(value{line: v.line}, "too much, or too many aliases")
	}
	return d.exhausted
}
