package huaweicloud

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// paced returns the pacer of a new client.
func paced(t *testing.T, l Limits) *pacer {
	t.Helper()
	c, err := NewClient(ClientConfig{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.pacer(pacerKey{service: DDS}, l)
}

// TestRate: within any second at most rate + burst begin, and no fewer than the
// rate allows.
func TestRate(t *testing.T) {
	for _, test := range []struct {
		rate  float64
		burst int
	}{{50, 5}, {1, 1}, {9, 1}, {10, 1}, {20, 2}, {0.5, 1}, {1000, 100}} {
		inBubble(t, func(t *testing.T) {
			p := paced(t, Limits{MaxConcurrency: 16, RequestsPerSecond: test.rate, RequestTimeout: time.Second})
			n := int(3*test.rate) + test.burst
			begun := make(chan time.Time, n)
			start := time.Now()
			for range n {
				go func() {
					if _, err := p.wait(t.Context(), false); err != nil {
						t.Error(err)
					}
					begun <- time.Now()
				}()
			}
			var times []time.Time
			for range n {
				times = append(times, <-begun)
			}
			at := 0
			for i := range times {
				for times[i].Sub(times[at]) >= time.Second {
					at++
				}
				if in := i - at + 1; float64(in) > test.rate+float64(test.burst) {
					t.Fatalf("%v a second: %d within one", test.rate, in)
				}
			}
			atOnce := 0
			for _, begun := range times {
				if begun.Equal(start) {
					atOnce++
				}
			}
			want(t, fmt.Sprintf("burst of %v a second", test.rate), atOnce, test.burst)
			if took := time.Since(start); took > time.Duration(float64(n)/test.rate*1.01*float64(time.Second)) {
				t.Errorf("%v a second: %d took %s", test.rate, n, took)
			}
		})
	}
}

func TestUnlimitedRate(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		p := paced(t, Limits{MaxConcurrency: 16, RequestTimeout: 10 * time.Second})
		start := time.Now()
		for range 10000 {
			if timeout, err := p.wait(t.Context(), false); err != nil || timeout != 10*time.Second {
				t.Fatal(timeout, err)
			}
		}
		want(t, "took", time.Since(start), 0)
	})
}

// TestWaitEndsAtOnce: a request that cannot be sent before its deadline fails at once,
// and uses up none of the rate.
func TestWaitEndsAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		p := paced(t, Limits{MaxConcurrency: 16, RequestsPerSecond: 1, RequestTimeout: 10 * time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		start := time.Now()
		var all sync.WaitGroup
		var mu sync.Mutex
		served := make(map[time.Duration]int)
		for range 10 {
			all.Go(func() {
				_, err := p.wait(ctx, true)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					served[time.Since(start)]++
				} else {
					want(t, "error", err, ErrNoTime)
					want(t, "waited", time.Since(start), 0)
				}
			})
		}
		all.Wait()
		want(t, "served", fmt.Sprint(served), fmt.Sprint(map[time.Duration]int{0: 1, time.Second: 1, 2 * time.Second: 1}))
	})
}

// TestLeavingTheRate: a request that is cancelled while it waits for the rate limit uses
// up none of it.
func TestLeavingTheRate(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		p := paced(t, Limits{MaxConcurrency: 16, RequestsPerSecond: 0.1, RequestTimeout: time.Second})
		start := time.Now()
		if _, err := p.wait(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		_, err := p.wait(ctx, true)
		want(t, "left", err, ErrNoTime)
		if _, err := p.wait(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		want(t, "the next", time.Since(start), 10*time.Second)
	})
}

func TestTimeouts(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		p := paced(t, Limits{MaxConcurrency: 1, RequestTimeout: 10 * time.Second})
		for _, test := range []struct {
			left, mean, deviation, want time.Duration
			first, ok                   bool
		}{
			{time.Minute, 0, 0, 10 * time.Second, false, true},
			{8 * time.Second, 0, 0, 4 * time.Second, false, true},
			{8 * time.Second, 3950 * time.Millisecond, 0, 4 * time.Second, false, true},
			{8 * time.Second, 3950*time.Millisecond + 1, 0, 0, false, false},
			{8 * time.Second, 3 * time.Second, time.Second / 4, 4 * time.Second, false, true},
			{8 * time.Second, 3 * time.Second, time.Second / 2, 0, false, false},
			{8 * time.Second, 5 * time.Second, 0, 0, false, false},
			{8 * time.Second, 5 * time.Second, 0, 4 * time.Second, true, true},
			{0, 0, 0, 0, true, false},
		} {
			p.mean, p.deviation = test.mean, test.deviation
			ctx, cancel := context.WithTimeout(t.Context(), test.left)
			got, ok := p.timeout(ctx, 0, test.first)
			want(t, fmt.Sprint(test), got, test.want)
			want(t, fmt.Sprint(test), ok, test.ok)
			cancel()
		}
		p.mean, p.deviation = 0, 0
		p.answered(8 * time.Second)
		want(t, "first", p.expected(), 24*time.Second)
		p.answered(0)
		want(t, "mean", p.mean, 7*time.Second)
		want(t, "deviation", p.deviation, 5*time.Second)
		p.answered(15 * time.Second)
		want(t, "mean", p.mean, 8*time.Second)
		want(t, "deviation", p.deviation, 5750*time.Millisecond)
	})
}

// TestReload: a service goes on at its pace where its limits stay.
func TestReload(t *testing.T) {
	t.Parallel()
	r := passwordRig(t, simulator.Options{})
	r.limits.RequestsPerSecond = 50
	before := r.service(DDS)
	reload := func() *Service {
		r.next(ClientConfig{})
		return r.service(DDS)
	}
	same := reload()
	want(t, "same limits", same.pacer == before.pacer && same.iam.pacer == before.iam.pacer, true)
	want(t, "and once more", reload().pacer == before.pacer, true)
	want(t, "other service", r.service(Fabric).pacer == before.pacer, false)
	r.limits.MaxRetries++
	changed := reload()
	want(t, "changed limits", changed.pacer == before.pacer || changed.iam.pacer == before.iam.pacer, false)
	want(t, "changed limits hold", changed.iam.pacer.limits, r.limits)
	r.project.Name = "renamed"
	want(t, "other project", reload().pacer == changed.pacer, false)
	r.project.Name = "shop"
	want(t, "gone for a while", reload().pacer == changed.pacer, false)
	dds := r.service(DDS)
	r.limits.MaxRetries++
	want(t, "whatever their limits", r.service(Fabric).iam.pacer == dds.iam.pacer, true)
	r.limits.MaxRetries--
	want(t, "services of one client share iam", r.service(Fabric).iam.pacer == r.service(DDS).iam.pacer, true)
}
