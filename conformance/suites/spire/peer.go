// Answers lines of JSON with lines of JSON, by the code of SPIRE that signs workload tokens in its server and validates them in its agent.
package main

import (
	"bufio"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/spiffebundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/spire/pkg/common/health"
	"github.com/spiffe/spire/pkg/common/jwtsvid"
	"github.com/spiffe/spire/pkg/common/telemetry"
	"github.com/spiffe/spire/pkg/server/ca"
	"github.com/spiffe/spire/pkg/server/credtemplate"
	"github.com/spiffe/spire/pkg/server/credvalidator"
)

type question struct {
	Do, Domain, Bundle, Audience, Token, Path string
}

type noHealth struct{}

func (noHealth) AddCheck(string, health.Checkable) error { return nil }

type authority struct {
	domain spiffeid.TrustDomain
	ca     *ca.CA
	bundle *spiffebundle.Bundle
	keys   int
}

func newAuthority(issuer, name string) (*authority, error) {
	domain, err := spiffeid.TrustDomainFromString(name)
	if err != nil {
		return nil, err
	}
	builder, err := credtemplate.NewBuilder(credtemplate.Config{TrustDomain: domain, JWTIssuer: issuer})
	if err != nil {
		return nil, err
	}
	validator, err := credvalidator.New(credvalidator.Config{TrustDomain: domain})
	if err != nil {
		return nil, err
	}
	own := &authority{domain: domain, bundle: spiffebundle.New(domain)}
	own.ca = ca.NewCA(ca.Config{
		Metrics: telemetry.Blackhole{}, TrustDomain: domain, CredBuilder: builder, CredValidator: validator, HealthChecker: noHealth{},
	})
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	own.bundle.AddX509Authority(certificate)
	return own, own.change()
}

// A new key signs; the one before stays in the bundle.
func (own *authority) change() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	own.keys++
	id := fmt.Sprintf("spire-%d", own.keys)
	own.ca.SetJWTKey(&ca.JWTKey{Signer: key, Kid: id, NotAfter: time.Now().Add(time.Hour)})
	return own.bundle.AddJWTAuthority(id, key.Public())
}

func (own *authority) sign(asked question) (string, error) {
	id, err := spiffeid.FromPath(own.domain, asked.Path)
	if err != nil {
		return "", err
	}
	return own.ca.SignWorkloadJWTSVID(context.Background(), ca.WorkloadJWTSVIDParams{
		SPIFFEID: id, TTL: 5 * time.Minute, Audience: []string{asked.Audience},
	})
}

func validate(asked question) (string, error) {
	domain, err := spiffeid.TrustDomainFromString(asked.Domain)
	if err != nil {
		return "", err
	}
	bundle, err := spiffebundle.Parse(domain, []byte(asked.Bundle))
	if err != nil {
		return "", err
	}
	keys := jwtsvid.NewKeyStore(map[spiffeid.TrustDomain]map[string]crypto.PublicKey{domain: bundle.JWTAuthorities()})
	id, _, err := jwtsvid.ValidateToken(context.Background(), asked.Token, keys, []string{asked.Audience})
	return id.String(), err
}

func (own *authority) answer(asked question) (string, error) {
	switch asked.Do {
	case "sign":
		return own.sign(asked)
	case "change":
		return "", own.change()
	case "bundle":
		bytes, err := own.bundle.Marshal()
		return string(bytes), err
	case "validate":
		return validate(asked)
	}
	return "", fmt.Errorf("unknown: %s", asked.Do)
}

func main() {
	own, err := newAuthority(os.Args[1], os.Args[2])
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var asked question
		err := json.Unmarshal(lines.Bytes(), &asked)
		text := ""
		if err == nil {
			text, err = own.answer(asked)
		}
		reply := map[string]string{"text": text}
		if err != nil {
			reply["error"] = err.Error()
		}
		_ = json.NewEncoder(os.Stdout).Encode(reply)
	}
}
