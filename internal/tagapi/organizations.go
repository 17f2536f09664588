package tagapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
)

const opEffectivePolicies = "ShowEffectivePolicies"

// Organizations returns the source of tag policies in force. It reads no tags.
func Organizations() Source {
	return Source{Service: catalog.Organizations, Operations: []string{opEffectivePolicies}}
}

// EffectivePolicy is the tag policy in force for an account.
type EffectivePolicy struct {
	Content string    // the document, in JSON; "": no policy is attached
	Updated time.Time // when it last changed; zero: that is not said
	Unknown bool      // Organizations answered that there is none, or that it does not know the account
}

// effectivePolicy is the answer of ShowEffectivePolicies.
type effectivePolicy struct {
	Entity  huaweicloud.Member `json:"entity_id"`
	Content huaweicloud.Text   `json:"policy_content"`
	Updated huaweicloud.Text   `json:"last_updated_at"`
}

// Absent implements huaweicloud.Answer. An answer without a content is one of an account
// without a policy, if it says of which account.
func (a *effectivePolicy) Absent() bool { return !a.Entity.Given }

// Members implements huaweicloud.Answer.
func (*effectivePolicy) Members() []string { return []string{"entity_id"} }

// Check refuses an answer that would be read as if no policy were attached.
func (a *effectivePolicy) Check() error {
	if a.Entity.Text == "" {
		return errors.New("it is not said whose policy that is")
	}
	return nil
}

// ReadEffectivePolicy asks Organizations for the tag policy in force of an account, with a
// session of the management account or of a delegated administrator; a member may not
// even ask for its own.
// https://support.huaweicloud.com/api-organizations/ShowEffectivePolicies.html
//
// No page says what is answered about an account without any policy. So an empty
// content is that, and so is a 404 in the service's own words. It may also mean that the
// account is in no such organization: that is Unknown.
func ReadEffectivePolicy(ctx context.Context, s *huaweicloud.Session, accountID string) (EffectivePolicy, error) {
	if _, err := s.AccountID(ctx); err != nil { // in whose name it is asked
		return EffectivePolicy{}, err
	}
	isUnknown := func(e *huaweicloud.Error) bool {
		return e.Status == http.StatusNotFound && strings.HasPrefix(e.Code, "Organizations.")
	}
	answer, err := huaweicloud.Call[effectivePolicy](ctx, s, huaweicloud.Request{
		Operation: opEffectivePolicies, Method: http.MethodGet, Path: "/v1/organizations/entities/effective-policies",
		Query:    url.Values{"entity_id": {accountID}, "policy_type": {"tag_policy"}}.Encode(),
		Expected: isUnknown,
	})
	if failed, ok := errors.AsType[*huaweicloud.Error](err); ok && isUnknown(failed) {
		return EffectivePolicy{Unknown: true}, nil
	}
	if err == nil && string(answer.Entity.Text) != accountID {
		err = fmt.Errorf("the answer is about another one: %.80q", answer.Entity.Text)
	}
	if err != nil {
		return EffectivePolicy{}, fmt.Errorf("read the tag policy in force of account %s: %w", accountID, err)
	}
	found := EffectivePolicy{Content: strings.TrimSpace(string(answer.Content))}
	if at, err := time.Parse(time.RFC3339, string(answer.Updated)); err == nil {
		found.Updated = at
	}
	return found, nil
}
