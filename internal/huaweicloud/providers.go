package huaweicloud

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/provider"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
)

// keysOf returns the keys that a provider found. They are checked like the secrets of the
// configuration, so that a key with a line break is an error that says so, and not a
// request that fails each time.
func keysOf(found *auth.BasicCredentials) (p proof, err error) {
	for _, s := range []struct {
		value, variable, key string
		to                   *string
	}{
		{found.AK, "HUAWEICLOUD_SDK_AK", "ak", &p.accessKey},
		{found.SK, "HUAWEICLOUD_SDK_SK", "sk", &p.secretKey},
		{found.SecurityToken, "HUAWEICLOUD_SDK_SECURITY_TOKEN", "security_token", &p.securityToken},
	} {
		if s.value == "" { // a permanent access key has no security token
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
	home, _ := os.UserHomeDir() // the path is only shown, so "" is good enough
	return cmp.Or(os.Getenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE"), filepath.Join(home, ".huaweicloud", "credentials"))
}

// findHere returns what the first two providers of the SDK's chain find, the environment
// and the profile, which need no network. It returns nil if they find nothing.
//
// The whole chain is not asked for them, because where it does not understand a profile
// it quotes the line, which may be a secret, and goes on to the next provider.
func findHere() (*auth.BasicCredentials, error) {
	found, err := provider.BasicCredentialEnvProvider().GetCredentials()
	if basic, ok := found.(*auth.BasicCredentials); ok && err == nil {
		return basic, nil
	}
	const variable = "HUAWEICLOUD_SDK_CREDENTIALS_FILE"
	asked := os.Getenv(variable) != ""
	if _, err := os.UserHomeDir(); err != nil && !asked {
		return nil, nil // without a home directory there is no profile
	}
	found, err = provider.BasicCredentialProfileProvider().GetCredentials()
	basic, ok := found.(*auth.BasicCredentials)
	about, unreadable := errors.AsType[*fs.PathError](err)
	_, incomplete := errors.AsType[*sdkerr.CredentialsTypeError](err)
	switch {
	case ok && err == nil:
		return basic, nil
	case asked && unreadable:
		return nil, fmt.Errorf("environment variable %s names what cannot be read: %w", variable, about.Err)
	case asked && incomplete:
		return nil, fmt.Errorf("%s has no ak and sk in its section basic", profile())
	case unreadable, incomplete:
		return nil, nil
	}
	return nil, fmt.Errorf("%s is not in the form that the SDK documents", profile())
}

// checkKeys checks the keys that the SDK's provider chain would find in environment
// variables or the profile.
func checkKeys() error {
	here, err := findHere()
	if err == nil && here != nil && here.StsAccessor == nil {
		_, err = keysOf(here)
	}
	return err
}
