package huaweicloud

import (
	"context"
	"errors"
	"fmt"
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
	here, err := findHere()
	if err != nil {
		return err
	}
	if here != nil {
		c.cred = here
		return here.ProcessSts(c.client)
	}
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
