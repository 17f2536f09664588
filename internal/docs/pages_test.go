// Package docs holds the documentation to the program: each command, each
// configuration, each query and each link of it is tried, or at least parsed.
package docs

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

const root = "../../"

// page is one file of the documentation.
type page struct {
	name    string // relative to the root
	source  string
	blocks  []block
	links   []string
	anchors map[string]bool
}

// block is a fenced block of code.
type block struct {
	page, language string
	flags          []string // what follows the language
	line           int      // of its first line
	text           string
	output         string // the text block that follows directly, if one does
}

// pages returns the documentation: README.md and its like, and docs/.
func pages(t *testing.T) []*page {
	t.Helper()
	var all []*page
	for _, pattern := range []string{"*.md", "docs/*.md", "deploy/*.md", "deploy/*/*.md", "dashboards/*.md"} {
		files, err := filepath.Glob(root + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			all = append(all, pageOf(t, strings.TrimPrefix(filepath.ToSlash(file), root)))
		}
	}
	if len(all) < 8 {
		t.Fatalf("%d pages found", len(all))
	}
	return all
}

// pageOf returns one page.
func pageOf(t *testing.T, name string) *page {
	t.Helper()
	content, err := os.ReadFile(root + name)
	if err != nil {
		t.Fatal(err)
	}
	return parse(name, content)
}

func parse(name string, content []byte) *page {
	p := &page{name: name, source: string(content), anchors: make(map[string]bool)}
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(content))
	// Walk returns what its function does, which here is never an error.
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.FencedCodeBlock:
			b := newBlock(name, content, n)
			if next, ok := n.NextSibling().(*ast.FencedCodeBlock); ok && string(next.Language(content)) == "text" {
				b.output = linesOf(content, next)
			}
			p.blocks = append(p.blocks, b)
		case *ast.CodeBlock:
			p.blocks = append(p.blocks, block{page: name, text: linesOf(content, n), line: lineOf(content, n)})
		case *ast.Heading:
			p.anchors[anchor(plain(content, n))] = true
		case *ast.Link:
			p.links = append(p.links, string(n.Destination))
		case *ast.Image:
			p.links = append(p.links, string(n.Destination))
		}
		return ast.WalkContinue, nil
	})
	return p
}

func newBlock(name string, content []byte, n *ast.FencedCodeBlock) block {
	b := block{page: name, line: lineOf(content, n), text: linesOf(content, n)}
	if n.Info != nil {
		words := strings.Fields(string(n.Info.Segment.Value(content)))
		b.language, b.flags = words[0], words[1:]
	}
	return b
}

func (b block) has(flag string) bool { return slices.Contains(b.flags, flag) }

func linesOf(content []byte, n ast.Node) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		b.Write(line.Value(content))
	}
	return b.String()
}

func lineOf(content []byte, n ast.Node) int {
	if n.Lines().Len() == 0 {
		return 0
	}
	return 1 + bytes.Count(content[:n.Lines().At(0).Start], []byte("\n"))
}

// plain returns the text of a heading.
func plain(content []byte, n ast.Node) string {
	var b strings.Builder
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		if leaf, ok := child.(*ast.Text); ok {
			b.Write(leaf.Segment.Value(content))
			continue
		}
		b.WriteString(plain(content, child))
	}
	return b.String()
}

var notInAnchor = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)

// anchor is what GitHub makes of a heading.
func anchor(heading string) string {
	return strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

// TestLinks fails for a link to a file or heading that is not there.
func TestLinks(t *testing.T) {
	all := pages(t)
	known := make(map[string]*page)
	for _, p := range all {
		known[p.name] = p
	}
	for _, p := range all {
		for _, link := range p.links {
			if strings.Contains(link, ":") {
				continue // elsewhere
			}
			file, heading, _ := strings.Cut(link, "#")
			to := p.name
			if file != "" {
				to = filepath.ToSlash(filepath.Join(filepath.Dir(p.name), file))
			}
			if _, err := os.Stat(root + to); err != nil {
				t.Errorf("%s links to %s: there is no %s", p.name, link, to)
			} else if heading != "" && known[to] != nil && !known[to].anchors[heading] {
				t.Errorf("%s links to %s: %s has no such heading", p.name, link, to)
			}
		}
	}
}
