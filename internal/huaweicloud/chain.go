package huaweicloud

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/provider"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/config"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/impl"
)

// chain takes credentials from the official SDK's providers: environment,
// profile, ECS agency metadata, CCE pod identity.
//
// The SDK's credential object writes its fields without a lock, and its
// providers take no context. So one goroutine at a time uses them, and whoever
// cannot wait for it leaves.
type chain struct {
	patience time.Duration // how long a renewal may hold those who have keys

	lock   chan struct{} // holds one token; guards all below
	client *impl.DefaultHttpClient
	cred   *auth.BasicCredentials
}

func newChain() *chain {
	return &chain{
		patience: 3 * time.Second,

		lock:   make(chan struct{}, 1),
		client: impl.NewDefaultHttpClient(config.DefaultHttpConfig()),
	}
}

// proof returns the current keys.
func (c *chain) proof(ctx context.Context) (proof, error) {
	select {
	case c.lock <- struct{}{}:
	case <-ctx.Done():
		return proof{}, ctx.Err()
	}
	done := make(chan error, 1)
	var p proof // written before done is, read after
	go func() {
		defer func() { <-c.lock }()
		err := c.renew()
		if err == nil {
			p, err = keysOf(c.cred)
		}
		if err != nil {
			err = fmt.Errorf("credentials from the environment: %s", oneLine(err.Error()))
		}
		done <- err
	}()
	select {
	case err := <-done:
		return p, err
	case <-ctx.Done():
		return proof{}, ctx.Err()
	}
}

// renew is called with the lock held. Temporary keys are fetched again by the
// SDK when less than 40 minutes remain; environment and profile are read again
// each time, which costs no request, so that a rotated profile is taken up. The
// SDK panics on answers without the documented members.
func (c *chain) renew() (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the provider's answer is not the documented one")
		}
	}()
	if c.cred != nil && c.cred.StsAccessor != nil {
		return c.cred.ProcessSts(c.client)
	}
	return c.find()
}

func (c *chain) find() error {
	found, err := provider.BasicCredentialProviderChain().GetCredentials()
	if err != nil {
		return err
	}
	basic, ok := found.(*auth.BasicCredentials)
	if !ok {
		return errors.New("no project credentials")
	}
	c.cred = basic
	return basic.ProcessSts(c.client)
}

// keysOf returns what a provider found. It is checked like the secrets of the
// configuration: what cannot be in a request is an error here, and not a request
// that fails each time.
func keysOf(found *auth.BasicCredentials) (p proof, err error) {
	for _, s := range []struct {
		value, variable, key string
		to                   *string
	}{
		{found.AK, "HUAWEICLOUD_SDK_AK", "ak", &p.accessKey},
		{found.SK, "HUAWEICLOUD_SDK_SK", "sk", &p.secretKey},
		{found.SecurityToken, "HUAWEICLOUD_SDK_SECURITY_TOKEN", "security_token", &p.securityKey},
	} {
		if s.value == "" { // a permanent key has no token
			continue
		}
		if *s.to, err = cleanSecret(s.value, false); err != nil {
			return proof{}, fmt.Errorf("%s %w", origin(found, s.value, s.variable, s.key), err)
		}
	}
	return p, nil
}

// origin says where a provider found a secret.
func origin(found *auth.BasicCredentials, value, variable, key string) string {
	switch {
	case found.StsAccessor != nil:
		return key + " in the provider's answer"
	case os.Getenv(variable) == value:
		return "environment variable " + variable
	}
	return key + " in " + profile()
}

// profile returns the path of the SDK's file of credentials.
func profile() string {
	home, _ := os.UserHomeDir() // without one, the SDK has no other profile
	return cmp.Or(os.Getenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE"), filepath.Join(home, ".huaweicloud", "credentials"))
}

// CheckEnvironment checks the keys that the SDK's provider chain would find in
// environment variables or the profile. It asks no network, so it knows nothing of
// an agency's keys or a pod's.
func CheckEnvironment() error {
	for _, p := range []provider.ICredentialProvider{
		provider.BasicCredentialEnvProvider(), provider.BasicCredentialProfileProvider(),
	} {
		found, err := p.GetCredentials()
		if basic, ok := found.(*auth.BasicCredentials); ok && err == nil {
			if basic.StsAccessor == nil {
				_, err = keysOf(basic)
			}
			return err
		}
	}
	return nil
}
