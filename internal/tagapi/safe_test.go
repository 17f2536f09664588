package tagapi

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
)

// TestPagePanics: a page that panics fails its listing, though it is fetched in a
// goroutine of its own.
func TestPagePanics(t *testing.T) {
	pages := listing[int]{
		limit: 2, ahead: 2, expected: 4,
		id: strconv.Itoa,
		fetch: func(_ context.Context, offset int, _ bool) (page[int], error) {
			if offset > 0 {
				unforeseen(0)
			}
			return page[int]{items: []int{offset, offset + 1}}, nil
		},
	}
	var p *Panic
	if _, err := pages.read(t.Context(), func(int) {}); !errors.As(err, &p) || !strings.Contains(string(p.Stack), "tagapi.unforeseen(") {
		t.Errorf("error %v", err)
	}
}

// unforeseen panics.
func unforeseen(index int) {
	var none []int
	_ = none[index]
}
