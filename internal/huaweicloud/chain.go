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
// The SDK's credential object writes its fields without a lock, and its providers take
// no context. So only one goroutine at a time uses them, in the background, and the
// callers wait for it no longer than their context lasts.
type chain struct {
	maxWait time.Duration // how long a caller that already has keys waits for a renewal

	lock   slots // one; guards all below
	client *impl.DefaultHttpClient
	cred   *auth.BasicCredentials
}

func newChain() *chain {
	return &chain{
		maxWait: 3 * time.Second,

		lock:   make(slots, 1),
		client: impl.NewDefaultHttpClient(config.DefaultHttpConfig()),
	}
}

// proof returns the current keys.
func (c *chain) proof(ctx context.Context) (proof, error) {
	if c.lock.acquire(ctx) != nil {
		return proof{}, ctx.Err()
	}
	done := make(chan error, 1)
	var p proof // written before done is, read after
	go func() {
		defer c.lock.release()
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

// renew is called with the lock held. Temporary keys are fetched again by the SDK when
// they are valid for less than 40 minutes. Environment and profile are read again each
// time, which costs no request, so that rotated keys are taken up. The SDK panics on
// answers without the documented members.
func (c *chain) renew() (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the provider's answer is not the documented one")
		}
	}()
	if c.cred == nil || c.cred.StsAccessor == nil {
		if c.cred, err = find(); err != nil {
			return err
		}
	}
	return c.cred.ProcessSts(c.client)
}

func find() (*auth.BasicCredentials, error) {
	if here, err := findHere(); here != nil || err != nil {
		return here, err
	}
	found, err := provider.BasicCredentialProviderChain().GetCredentials()
	if err != nil {
		return nil, err
	}
	basic, ok := found.(*auth.BasicCredentials)
	if !ok {
		return nil, errors.New("no project credentials")
	}
	return basic, nil
}
