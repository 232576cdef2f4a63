package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"time"
)

const lifetime = 10 * 365 * 24 * time.Hour

// authority signs all certificates of one control plane. It is made once and kept, so that kubeconfigs
// copied elsewhere stay valid over restarts.
type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

func loadOrMakeAuthority(home layout) (authority, error) {
	if found, err := loadAuthority(home); err == nil {
		return found, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return authority{}, err
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "langop-dev"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	certificate, err := sign(template, authority{template, key}, key.Public())
	if err != nil {
		return authority{}, err
	}
	if err := writeKey(home.pki("ca.key"), key); err != nil {
		return authority{}, err
	}
	return authority{certificate, key}, writePEM(home.pki("ca.crt"), "CERTIFICATE", certificate.Raw)
}

func loadAuthority(home layout) (authority, error) {
	certificate, err := readPEM(home.pki("ca.crt"), x509.ParseCertificate)
	if err != nil {
		return authority{}, err
	}
	key, err := readPEM(home.pki("ca.key"), x509.ParseECPrivateKey)
	if err != nil {
		return authority{}, err
	}
	if time.Until(certificate.NotAfter) < 24*time.Hour {
		return authority{}, fmt.Errorf("expired on %s", certificate.NotAfter)
	}
	return authority{certificate, key}, nil
}

// issue writes `<file>.crt` and `<file>.key`: good for a client, and for a server on loopback.
func (a authority) issue(home layout, file string, subject pkix.Name) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	certificate, err := sign(&x509.Certificate{
		Subject:     subject,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 96, 0, 1)},
		DNSNames:    []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"},
	}, a, key.Public())
	if err != nil {
		return err
	}
	if err := writeKey(home.pki(file+".key"), key); err != nil {
		return err
	}
	return writePEM(home.pki(file+".crt"), "CERTIFICATE", certificate.Raw)
}

func sign(template *x509.Certificate, by authority, public crypto.PublicKey) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	// A clock that is set back a little must not make the certificate invalid.
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = time.Now().Add(lifetime)
	if by.certificate != template && by.certificate.NotAfter.Before(template.NotAfter) {
		template.NotAfter = by.certificate.NotAfter
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.certificate, public, by.key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// writeTokenKey makes the key that signs service account tokens, once.
func writeTokenKey(home layout) error {
	if _, err := readPEM(home.pki("tokens.key"), x509.ParseECPrivateKey); err == nil {
		return nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	if err := writeKey(home.pki("tokens.key"), key); err != nil {
		return err
	}
	return writePEM(home.pki("tokens.pub"), "PUBLIC KEY", public)
}

func writeKey(path string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(path, "EC PRIVATE KEY", der)
}

func writePEM(path, kind string, der []byte) error {
	return writeWhole(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func readPEM[T any](path string, parse func([]byte) (T, error)) (T, error) {
	var none T
	text, err := os.ReadFile(path)
	if err != nil {
		return none, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return none, fmt.Errorf("`%s` holds no PEM block", path)
	}
	return parse(block.Bytes)
}
