package testproc

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Prometheus is the address of a running one.
type Prometheus string

// Get asks the API and decodes its data.
func (p Prometheus) Get(path string, params url.Values, data any) error {
	resp, err := http.Get(string(p) + "/api/v1/" + path + "?" + params.Encode())
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return err
	}
	if answer.Status != "success" {
		return errors.New(answer.Error)
	}
	return json.Unmarshal(answer.Data, data)
}

// Row is one series of an answer, with its last value.
type Row struct {
	Labels map[string]string
	Value  float64
}

// Ask runs a query as Grafana does: at once, or over the last seconds.
func (p Prometheus) Ask(query string, instant bool) ([]Row, error) {
	path, params := "query", url.Values{"query": {query}}
	if !instant {
		path = "query_range"
		now := time.Now().Unix()
		params.Set("start", strconv.FormatInt(now-5, 10))
		params.Set("end", strconv.FormatInt(now, 10))
		params.Set("step", "1")
	}
	var data struct {
		Result []struct {
			Metric map[string]string
			Value  []any
			Values [][]any
		}
	}
	if err := p.Get(path, params, &data); err != nil {
		return nil, err
	}
	var rows []Row
	for _, r := range data.Result {
		last := r.Value
		if len(r.Values) > 0 {
			last = r.Values[len(r.Values)-1]
		}
		if len(last) != 2 {
			return nil, fmt.Errorf("a sample of %d parts", len(last))
		}
		text, _ := last[1].(string)
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, err
		}
		rows = append(rows, Row{r.Metric, value})
	}
	return rows, nil
}

// Values returns an answer in a form that can be compared.
func Values(rows []Row) map[string]float64 {
	m := make(map[string]float64)
	for _, r := range rows {
		var labels []string
		for name, value := range r.Labels {
			labels = append(labels, fmt.Sprintf("%s=%q", name, value))
		}
		slices.Sort(labels)
		m["{"+strings.Join(labels, ", ")+"}"] = r.Value
	}
	return m
}
