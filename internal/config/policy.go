package config

import (
	"fmt"
	"strconv"
	"strings"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/policy"
)

// policy decodes the rules and the documents, and lets package policy judge
// them. Rules and documents that cannot be decoded are left out of that, so
// that the others are judged too.
func (d *decoder) policy(root section, c *Config) {
	s := root.section("policy", "documents", "rules", "max_violation_series")
	c.MaxViolationSeries = s.integer("max_violation_series", 1000, 0, maxInt)
	if s.isEmpty() {
		return
	}
	var documents []policy.Document
	for _, item := range s.list("documents") {
		if path, content, ok := d.file(item); ok {
			documents = append(documents, policy.Document{Name: path, Content: content})
			c.documents = append(c.documents, path)
		}
	}
	for _, item := range s.list("rules") {
		before := len(d.problems)
		if rule := d.rule(item); len(d.problems) == before {
			c.rules = append(c.rules, rule)
		}
	}
	var names []string
	for _, p := range c.Projects {
		names = append(names, p.Name)
	}
	var err error
	c.Policy, err = policy.New(c.rules, documents, policy.Known{Projects: names, Types: catalog.Types()})
	for _, err := range split(err) {
		d.note(d.lineOf(err, s.line), err)
	}
}

func (d *decoder) rule(v value) policy.Rule {
	s := d.section(v, "name", "key", "required", "forbidden", "values", "pattern",
		"services", "resource_types", "projects")
	s.require("key")
	key := s.name("key", "")
	return policy.Rule{
		Name:          s.name("name", key),
		Key:           key,
		Required:      s.boolean("required"),
		Forbidden:     s.boolean("forbidden"),
		Values:        s.texts("values"),
		Pattern:       s.text("pattern", ""),
		Services:      s.texts("services"),
		ResourceTypes: s.texts("resource_types"),
		Projects:      s.texts("projects"),
		Position:      fmt.Sprintf("%s:%d: %s", d.name, v.line, v.path),
	}
}

// split takes joined errors apart.
func split(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		if err == nil {
			return nil
		}
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, split(e)...)
	}
	return all
}

// lineOf returns the line of this file that an error begins with. Errors about
// documents begin with a line of theirs, and get the line of the policy.
func (d *decoder) lineOf(err error, def int) int {
	rest, ours := strings.CutPrefix(err.Error(), d.name+":")
	number, _, _ := strings.Cut(rest, ":")
	if line, err := strconv.Atoi(number); ours && err == nil {
		return line
	}
	return def
}
