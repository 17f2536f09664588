package tagapi

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/inventory"
)

// What was never read comes first, and what was read waits until it is known that
// there is none of that left; then the oldest comes first.
func TestQueueOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		old := time.Unix(1, 0)
		for _, i := range []instance{
			{Resource: inventory.Resource{ID: "young"}, readAt: old.Add(2)}, {Resource: inventory.Resource{ID: "never"}}, {Resource: inventory.Resource{ID: "old"}, readAt: old}, {Resource: inventory.Resource{ID: "middle"}, readAt: old.Add(1)},
		} {
			q.put(i)
		}
		var taken []string
		go func() {
			for i, ok := q.take(); ok; i, ok = q.take() {
				taken = append(taken, i.ID)
			}
			taken = append(taken, "end")
		}()
		for _, step := range []struct {
			do   func()
			want string
		}{
			{func() {}, "never"},
			{func() { q.put(instance{Resource: inventory.Resource{ID: "late"}}) }, "never late"},
			{func() { q.put(instance{Resource: inventory.Resource{ID: "older"}, readAt: old.Add(-1)}) }, "never late"},
			{func() {
				q.put(instance{Resource: inventory.Resource{ID: "last"}})
				q.put(instance{Resource: inventory.Resource{ID: "very last"}})
			}, "never late last very last"},
			{q.close, "never late last very last older old middle young end"},
		} {
			step.do()
			synctest.Wait()
			if got := strings.Join(taken, " "); got != step.want {
				t.Errorf("took %q, want %q", got, step.want)
			}
		}
	})
}

func TestQueueAbandoned(t *testing.T) {
	q := newQueue()
	q.put(instance{Resource: inventory.Resource{ID: "dropped"}})
	q.abandon()
	if i, ok := q.take(); ok {
		t.Errorf("took %q of an abandoned queue", i.ID)
	}
}

// Who waits is woken, by what is put and by the end.
func TestQueueWakes(t *testing.T) {
	for name, end := range map[string]func(*queue){"close": (*queue).close, "abandon": (*queue).abandon} {
		t.Run(name, func(t *testing.T) {
			q := newQueue()
			taken := make(chan string)
			for range 3 {
				go func() {
					for i, ok := q.take(); ok; i, ok = q.take() {
						taken <- i.ID
					}
					taken <- ""
				}()
			}
			q.put(instance{Resource: inventory.Resource{ID: "a"}})
			if got := <-taken; got != "a" {
				t.Errorf("took %q", got)
			}
			end(q)
			for range 3 {
				if got := <-taken; got != "" {
					t.Errorf("took %q after the end", got)
				}
			}
		})
	}
}
