package simulator

import "testing"

func TestEnterpriseProjects(t *testing.T) {
	const (
		list     = "/v1.0/enterprise-projects"
		research = `{"id":"e1","name":"research","description":"","status":1,"created_at":"2026-01-15T08:15:00Z","updated_at":"2026-01-15T11:15:00Z","delete_flag":false,"type":"prod"}`
		handel   = `{"id":"e2","name":"Handel, 名","description":"\"","status":2,"created_at":"2026-01-15T09:15:00Z","updated_at":"2026-01-15T10:15:00Z","delete_flag":false,"type":"poc"}`
		standard = `{"id":"0","name":"default","description":"default","status":1,"created_at":"0001-01-01T00:00:00Z","updated_at":"0001-01-01T00:00:00Z","delete_flag":false,"type":"prod"}`
	)
	for _, test := range []struct {
		name, query string
		quirks      Quirks
		change      func(*Account)
		status      int // 0 is 200
		want        string
	}{
		{name: "all", want: `{"enterprise_projects":[` + handel + `,` + research + `,` + standard + `],"total_count":3}`},
		{name: "default is unlisted", quirks: Quirks{EPSQuirks: EPSQuirks{DefaultUnlisted: true}}, want: `{"enterprise_projects":[` + handel + `,` + research + `],"total_count":2}`},
		{name: "default", query: "?id=0", quirks: Quirks{EPSQuirks: EPSQuirks{DefaultUnlisted: true}}, want: `{"enterprise_projects":[` + standard + `],"total_count":1}`},
		{name: "default with a name", query: "?id=0", change: func(a *Account) {
			a.EnterpriseProjects = append(a.EnterpriseProjects, EnterpriseProject{ID: "0", Name: "Standard"})
		}, want: `{"enterprise_projects":[{"id":"0","name":"Standard",`},
		{name: "id", query: "?id=e1", want: `{"enterprise_projects":[` + research + `],"total_count":1}`},
		{name: "unknown id", query: "?id=e9", want: `{"enterprise_projects":[],"total_count":0}`},
		{name: "name", query: "?name=sear", want: `[` + research + `]`},
		{name: "status", query: "?status=2", want: `[` + handel + `]`},
		{name: "type", query: "?type=poc", want: `[` + handel + `]`},
		{name: "page", query: "?limit=1&offset=1", want: `{"enterprise_projects":[` + research + `],"total_count":3}`},
		{name: "past the end", query: "?limit=1&offset=3", want: `{"enterprise_projects":[],"total_count":3}`},
		{name: "upwards", query: "?sort_dir=asc", want: `[` + standard + `,` + research + `,` + handel + `]`},
		{name: "by update", query: "?sort_key=updated_at&sort_dir=desc&limit=1000", want: `[` + research + `,` + handel + `,`},
		{name: "odd arrays", query: "?id=e9", quirks: Quirks{EmptyArrays: Null, TotalCount: AsText}, want: `{"enterprise_projects":null,"total_count":"0"}`},
		{name: "denied", change: func(a *Account) { a.Denied = []string{OpListEnterpriseProject} }, status: 403, want: `{"error":{"error_code":"EPS.0004"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newOrganizationsRig(t, test.quirks)
			if test.change != nil {
				r.UpdateAccount(testAccount, test.change)
			}
			wantReply(t, r.account(list+test.query, testAccount), max(test.status, 200), test.want)
			r.wantRefusals(0)
		})
	}
}
