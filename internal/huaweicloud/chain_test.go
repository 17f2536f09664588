package huaweicloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/provider"
)

// TestChainKeys: a key that cannot be in a request is an error of the credential,
// which says where it is from. No request is made with it.
func TestChainKeys(t *testing.T) {
	profile := writeFile(t, t.TempDir(), "credentials", "[basic]\nak = AK\nsk = hid\u200bden\n")
	t.Setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", profile)
	_, err := newChain().proof(t.Context())
	want(t, "profile", fmt.Sprint(err), "credentials from the environment: sk in "+profile+" holds an invisible character, at character 4")

	t.Setenv("HUAWEICLOUD_SDK_AK", "\ufeffAK")
	t.Setenv("HUAWEICLOUD_SDK_SK", "hidden\n")
	_, err = newChain().proof(t.Context())
	want(t, "variable", fmt.Sprint(err), "credentials from the environment: environment variable HUAWEICLOUD_SDK_SK holds a line break or another control character, at character 7")

	t.Setenv("HUAWEICLOUD_SDK_SK", "hidden")
	t.Setenv("HUAWEICLOUD_SDK_SECURITY_TOKEN", "hidden too")
	_, err = newChain().proof(t.Context())
	want(t, "token", fmt.Sprint(err), "credentials from the environment: environment variable HUAWEICLOUD_SDK_SECURITY_TOKEN holds white space, at character 7")

	t.Setenv("HUAWEICLOUD_SDK_SECURITY_TOKEN", "st")
	got, err := newChain().proof(t.Context())
	want(t, "good", err, nil)
	want(t, "good", got, proof{accessKey: "AK", secretKey: "hidden", securityToken: "st"})
}

// TestProfile: what is wrong with a profile is said at once, without what stands in
// it, and not hidden behind a host that has no agency.
func TestProfile(t *testing.T) {
	t.Setenv("HUAWEICLOUD_SDK_AK", "")
	t.Setenv("HUAWEICLOUD_SDK_SK", "")
	dir := t.TempDir()
	for name, test := range map[string]struct{ path, want string }{
		"good":    {writeFile(t, dir, "good", "\ufeff[basic]\nak = AK\nsk = hidden\n"), ""},
		"no form": {writeFile(t, dir, "bad", "[basic]\nak = AK\nsk hidden\n"), "PATH is not in the form that the SDK documents"},
		"absent":  {dir + "/absent", "environment variable HUAWEICLOUD_SDK_CREDENTIALS_FILE names what cannot be read: no such file or directory"},
		"folder":  {dir, "PATH is not in the form that the SDK documents"},
		"half":    {writeFile(t, dir, "half", "[basic]\nak = AK\n"), "PATH has no ak and sk in its section basic"},
	} {
		t.Setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", test.path)
		err := checkKeys()
		if test.want == "" {
			want(t, name, err, nil)
			continue
		}
		text := strings.Replace(test.want, "PATH", test.path, 1)
		want(t, name, fmt.Sprint(err), text)
		_, err = newChain().proof(t.Context())
		want(t, name, fmt.Sprint(err), "credentials from the environment: "+text)
	}
}

// TestHome: without a variable, the profile is in the home folder, if there are both.
func TestHome(t *testing.T) {
	for _, name := range []string{"AK", "SK", "CREDENTIALS_FILE"} {
		t.Setenv("HUAWEICLOUD_SDK_"+name, "")
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	want(t, "no profile", checkKeys(), nil)
	if err := os.Mkdir(filepath.Join(home, ".huaweicloud"), 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(content string) string {
		return writeFile(t, filepath.Join(home, ".huaweicloud"), "credentials", content)
	}
	write("[global]\nak = AK\n")
	want(t, "another's profile", checkKeys(), nil)
	path := write("[basic]\nak = A\u200bK\nsk = SK\n")
	want(t, "its key", fmt.Sprint(checkKeys()), "ak in "+path+" holds an invisible character, at character 2")
	write("[basic]\nak = AK\nsk = SK\nsecurity_token = s t\n")
	want(t, "its token", fmt.Sprint(checkKeys()), "security_token in "+path+" holds white space, at character 2")
	write("[basic]\nak = AK\nsk hidden\n")
	want(t, "its form", fmt.Sprint(checkKeys()), path+" is not in the form that the SDK documents")

	t.Setenv("HOME", "")
	want(t, "no home", checkKeys(), nil)
	t.Setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", path)
	want(t, "no home, but a name", fmt.Sprint(checkKeys()), path+" is not in the form that the SDK documents")
}

func TestProviderKeys(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"credentials":{"accessKeyId":"AK","secretAccessKey":"hid\u200bden","securityToken":"st","expiration":"2100-01-01T00:00:00.000000Z"}}`)
	}))
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	t.Cleanup(server.Close)
	t.Setenv("HC_CONTAINER_CREDENTIALS_FULL_URI", server.URL)
	t.Setenv("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", writeFile(t, t.TempDir(), "token", "pod-token"))
	found, err := provider.BasicCredentialPodIdentityProvider().GetCredentials()
	if err != nil {
		t.Fatal(err)
	}
	_, err = keysOf(found.(*auth.BasicCredentials))
	want(t, "agency", fmt.Sprint(err), "sk in the provider's answer holds an invisible character, at character 4")
}

// podIdentity is a credential whose provider is a local server. The chain would
// try the ECS metadata first, which no test can redirect.
func podIdentity(t *testing.T, r *rig, handler http.HandlerFunc) (url string) {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	t.Setenv("HC_CONTAINER_CREDENTIALS_FULL_URI", server.URL)
	t.Setenv("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", writeFile(t, t.TempDir(), "token", "pod-token"))
	r.project.Credential = CredentialConfig{Name: "pod", Kind: Environment}
	r.AddAccessKey(simulator.AccessKey{AK: "POD", SK: "pod-sk", SecurityToken: "pod-st"})
	return server.URL
}

// usePodIdentity does what the chain does when all others have nothing.
func usePodIdentity(t *testing.T, s *Service) {
	found, err := provider.BasicCredentialPodIdentityProvider().GetCredentials()
	if err != nil {
		t.Fatal(err)
	}
	s.credential.chain.cred = found.(*auth.BasicCredentials)
}

func podAnswer(expires time.Time) string {
	return `{"credentials":{"accessKeyId":"POD","secretAccessKey":"pod-sk","securityToken":"pod-st","expiration":"` +
		expires.UTC().Format("2006-01-02T15:04:05.000000Z") + `"}}`
}

// TestPodIdentity: keys that expire soon are asked for at each session. A
// provider that hangs, fails or babbles then holds nobody who has keys.
func TestPodIdentity(t *testing.T) {
	r := newRig(t, simulator.Options{})
	release := make(chan struct{})
	answer := func(w http.ResponseWriter) { _, _ = w.Write([]byte(podAnswer(time.Now().Add(time.Minute)))) }
	podIdentity(t, r, func(w http.ResponseWriter, _ *http.Request) { answer(w) })
	s := r.service(DDS)
	usePodIdentity(t, s)
	s.credential.chain.maxWait = 20 * time.Millisecond
	want(t, "good", r.call(), nil)
	for name, next := range map[string]func(w http.ResponseWriter){
		"failed":  func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
		"no keys": func(w http.ResponseWriter) { _, _ = w.Write([]byte("{}")) },
		"no json": func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>")) },
	} {
		answer = next
		if err := r.call(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var asked atomic.Int32
	answer = func(http.ResponseWriter) { asked.Add(1); <-release }
	want(t, "hanging", r.call(), nil)
	want(t, "still hanging", r.call(), nil)
	want(t, "asked, since nobody waited for the end of the first", asked.Load(), 1)
	close(release)
	r.wantRefusals()
}

// TestHangingProvider: without keys, a session waits no longer than its context.
func TestHangingProvider(t *testing.T) {
	r := newRig(t, simulator.Options{})
	release, arrived, calls := make(chan struct{}), make(chan struct{}), 0
	podIdentity(t, r, func(w http.ResponseWriter, _ *http.Request) {
		if calls++; calls == 2 {
			close(arrived)
			<-release
		}
		_, _ = w.Write([]byte(podAnswer(time.Now().Add(time.Minute))))
	})
	s := r.service(DDS)
	usePodIdentity(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := s.Session(ctx, r)
		done <- err
	}()
	<-arrived
	cancel()
	want(t, "first", errors.Is(<-done, context.Canceled), true)
	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Session(ctx, r); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("second: error %v", err)
	}
	close(release)
	want(t, "released", r.call(), nil)
}
