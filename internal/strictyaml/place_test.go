package strictyaml

import "testing"

// TestHints: two slips of the finger are seen through, more are another word.
func TestHints(t *testing.T) {
	known := []string{"region", "name", "project_id"}
	for key, want := range map[string]string{
		"regoin":      "did you mean region?",
		"regions":     "did you mean region?",
		"Region":      "did you mean region?",
		"rregionn":    "did you mean region?",
		"reg":         "known: region, name, project_id",
		"rrregionn":   "known: region, name, project_id",
		"nam":         "did you mean name?",
		"na":          "known: region, name, project_id", // half of it is no slip
		"project-id":  "did you mean project_id?",
		"projectid":   "did you mean project_id?",
		"project_ids": "did you mean project_id?",
		"colour":      "known: region, name, project_id",
	} {
		if got := Hint(key, known); got != want {
			t.Errorf("%s: got %s, want %s", key, got, want)
		}
	}
}
