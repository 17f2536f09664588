package tagapi

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// What was never read comes first, and what was read waits until it is known that
// there is none of that left; then the oldest comes first.
func TestQueueOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		old := time.Unix(1, 0)
		for _, i := range []instance{
			{id: "young", readAt: old.Add(2)}, {id: "never"}, {id: "old", readAt: old}, {id: "middle", readAt: old.Add(1)},
		} {
			q.put(i)
		}
		var taken []string
		go func() {
			for i, ok := q.take(); ok; i, ok = q.take() {
				taken = append(taken, i.id)
			}
			taken = append(taken, "end")
		}()
		for _, step := range []struct {
			do   func()
			want string
		}{
			{func() {}, "never"},
			{func() { q.put(instance{id: "late"}) }, "never late"},
			{func() { q.put(instance{id: "older", readAt: old.Add(-1)}) }, "never late"},
			{func() { q.put(instance{id: "last"}); q.put(instance{id: "very last"}) }, "never late last very last"},
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
	q.put(instance{id: "dropped"})
	q.abandon()
	if i, ok := q.take(); ok {
		t.Errorf("took %q of an abandoned queue", i.id)
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
						taken <- i.id
					}
					taken <- ""
				}()
			}
			q.put(instance{id: "a"})
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
