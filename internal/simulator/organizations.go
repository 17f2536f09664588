package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// EffectivePolicy is the tag policy in force for an account: what Organizations has
// worked out of all that are attached to it and above it.
type EffectivePolicy struct {
	// Content is the document, JSON without operators. "" is no policy attached.
	Content string
	Updated time.Time // zero: there is no such member
}

// Role is what an account is in its organization. All accounts of a cloud are in one.
type Role int

// The roles. All but a member may ask for the policies of every account; a member may
// not even ask for its own.
const (
	Member Role = iota
	DelegatedAdministrator
	ManagementAccount
)

// OrganizationsQuirks are the readings of what is open about Organizations.
type OrganizationsQuirks struct {
	NoPolicy NoPolicy
	// PolicyOperators: the document in force has the operators of an authored one.
	PolicyOperators bool
}

// NoPolicy is what an account without any policy gets.
type NoPolicy int

// What no policy looks like.
const (
	NoPolicyEmpty    NoPolicy = iota // an empty text
	NoPolicyAbsent                   // no such member
	NoPolicyNull                     // null
	NoPolicyNoTags                   // a document without tags
	NoPolicyNothing                  // a document with nothing at all
	NoPolicyNotFound                 // a 404
)

// showEffectivePolicies is GET …/effective-policies: the policy in force for one account.
func (c *Cloud) showEffectivePolicies(q *call) (Answer, error) {
	if q.inventory.account.Role == Member {
		return Answer{}, quietly(ErrorE1(http.StatusUnauthorized, "Organizations.1002",
			"only the management account or a delegated administrator may do that"))
	}
	id := q.query.Get("entity_id")
	if strings.HasPrefix(id, "r-") || strings.HasPrefix(id, "ou-") {
		return Answer{}, &refusal{
			answer: ErrorE1(http.StatusBadRequest, "Organizations.1004", "roots and organizational units are not supported"),
			reason: "entity_id " + id + " is no account",
		}
	}
	account, found := c.Account(id)
	if !found {
		return Answer{}, quietly(ErrorE1(http.StatusNotFound, "Organizations.1010", "the account is not in the organization"))
	}
	policy := account.EffectivePolicy
	if policy.Content == "" && c.quirks.NoPolicy == NoPolicyNotFound {
		return Answer{}, quietly(ErrorE1(http.StatusNotFound, "Organizations.1010", "no effective policy exists"))
	}
	b := appendTextMember([]byte{'{'}, "entity_id", id)
	if !policy.Updated.IsZero() {
		b = appendTextMember(b, "last_updated_at", policy.Updated.UTC().Format(time.RFC3339))
	}
	b = c.appendPolicyContent(b, policy.Content)
	return ok(closeObject(appendTextMember(b, "policy_type", "tag_policy"))), nil
}

func (c *Cloud) appendPolicyContent(b []byte, content string) []byte {
	if content != "" {
		if c.quirks.PolicyOperators {
			content = withOperators(content)
		}
		return appendTextMember(b, "policy_content", content)
	}
	switch c.quirks.NoPolicy {
	case NoPolicyAbsent:
		return b
	case NoPolicyNull:
		return append(appendMember(b, "policy_content"), "null"...)
	case NoPolicyNoTags:
		content = `{"tags":{}}`
	case NoPolicyNothing:
		content = "{}"
	}
	return appendTextMember(b, "policy_content", content)
}

// withOperators writes a document as people write it. One that is none stays as it is.
func withOperators(content string) string {
	var document struct {
		Tags map[string]map[string]any `json:"tags"`
	}
	if json.Unmarshal([]byte(content), &document) != nil {
		return content
	}
	for _, tag := range document.Tags {
		for member, value := range tag {
			tag[member] = map[string]any{"@@assign": value}
		}
	}
	return string(mustEncode(document))
}
