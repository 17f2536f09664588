package collector

import (
	"testing"
	"time"
)

func TestQueueOrder(t *testing.T) {
	q := newQueue()
	old := time.Unix(1, 0)
	for _, i := range []instance{
		{id: "young", readAt: old.Add(2)}, {id: "never"}, {id: "old", readAt: old}, {id: "middle", readAt: old.Add(1)},
	} {
		q.put(i)
	}
	take := func(want string) {
		t.Helper()
		if i, ok := q.take(); !ok || i.id != want {
			t.Errorf("took %q, %t, want %q", i.id, ok, want)
		}
	}
	take("never")
	taken := make(chan string)
	go func() { // nothing that was read before, as long as one that was not may come
		i, _ := q.take()
		taken <- i.id
	}()
	q.put(instance{id: "late"})
	if got := <-taken; got != "late" {
		t.Errorf("took %q before the queue was closed", got)
	}
	q.put(instance{id: "last"})
	q.close()
	take("last")
	take("old")
	take("middle")
	take("young")
	if i, ok := q.take(); ok {
		t.Errorf("took %q of a closed queue", i.id)
	}
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
