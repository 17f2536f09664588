package collector

import (
	"maps"
	"net/http"
	"strconv"
	"time"
)

// stallTimeout is how long a client may read nothing before its answer is given up.
const stallTimeout = time.Minute

// chunkBytes is the size of the pieces that an answer is held in: a single buffer
// that grows would copy a large answer several times.
const chunkBytes = 64 << 10

// answer is an http.ResponseWriter that holds an encoded answer until it is sent. By
// then nothing else of the scrape is held, which takes several times the memory: so
// one more client that reads slowly, or not at all, costs little.
type answer struct {
	header http.Header
	status int
	size   int
	chunks [][]byte
}

func newAnswer() *answer { return &answer{header: make(http.Header), status: http.StatusOK} }

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	a.size += len(p)
	for rest := p; len(rest) > 0; {
		last := len(a.chunks) - 1
		if last < 0 || len(a.chunks[last]) == chunkBytes {
			a.chunks = append(a.chunks, make([]byte, 0, chunkBytes))
			last++
		}
		n := min(len(rest), chunkBytes-len(a.chunks[last]))
		a.chunks[last] = append(a.chunks[last], rest[:n]...)
		rest = rest[n:]
	}
	return len(p), nil
}

// send sends the answer; in answer to HEAD, its headers.
func (a *answer) send(w http.ResponseWriter, r *http.Request) {
	maps.Copy(w.Header(), a.header)
	if r.Method == http.MethodHead {
		w.WriteHeader(a.status)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(a.size))
	w.WriteHeader(a.status)
	// A server lifts the deadline when the answer has ended. What is no connection has none.
	conn := http.NewResponseController(w)
	for _, chunk := range a.chunks {
		_ = conn.SetWriteDeadline(time.Now().Add(stallTimeout))
		if _, err := w.Write(chunk); err != nil {
			return // the client has left, or has stopped reading
		}
	}
}
