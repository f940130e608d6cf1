package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Times after which a server counts as gone.
const (
	dialTimeout   = 10 * time.Second
	headerTimeout = 30 * time.Second
)

var idleTimeout = 30 * time.Second // without a byte of a body

// transport is for both kinds of server. Nothing is decompressed: digests are of what is sent.
func transport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:   dialTimeout,
		ResponseHeaderTimeout: headerTimeout,
		IdleConnTimeout:       time.Minute,
		MaxIdleConnsPerHost:   64,
		DisableCompression:    true,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
	}
}

// A static is a folder on a web server.
type static struct {
	base   *url.URL
	client *http.Client
}

func newHTTP(u *url.URL) (*static, error) {
	if u.Host == "" {
		return nil, fmt.Errorf("%q names no host; it is https://HOST/PATH", u.Redacted())
	}
	return &static{u, &http.Client{Transport: transport(), CheckRedirect: redirect}}, nil
}

// redirect refuses to leave TLS, and to go round for ever.
func redirect(to *http.Request, via []*http.Request) error {
	switch {
	case len(via) >= 10:
		return errors.New("it redirects more than ten times")
	case via[0].URL.Scheme == "https" && to.URL.Scheme != "https":
		return fmt.Errorf("it redirects from https to %s, which anyone on the way could alter", to.URL.Redacted())
	}
	return nil
}

func (s *static) String() string { return s.base.Redacted() }

func (s *static) request(ctx context.Context, method, name string) (*http.Response, error) {
	q, err := http.NewRequestWithContext(ctx, method, s.base.JoinPath(name).String(), nil)
	if err != nil {
		return nil, err
	}
	answer, err := s.client.Do(q)
	if err != nil {
		return nil, s.failed(err)
	}
	if err := s.refused(answer); err != nil {
		answer.Body.Close()
		return nil, err
	}
	return answer, nil
}

func (s *static) Read(ctx context.Context, name string, limit int64) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answer, err := s.request(ctx, http.MethodGet, name)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	data, err := readAll(&awake{answer.Body, time.AfterFunc(idleTimeout, cancel)}, limit)
	var long *TooLongError
	if err != nil && !errors.As(err, &long) {
		return nil, s.failed(err)
	}
	return data, err
}

func (s *static) Size(ctx context.Context, name string) (int64, error) {
	answer, err := s.request(ctx, http.MethodHead, name)
	if err != nil {
		return 0, err
	}
	answer.Body.Close()
	return answer.ContentLength, nil
}

func (s *static) Put(context.Context, string, []byte) error {
	return &Error{Remote: s.String(), Err: ErrReadOnly, Advice: "push to a folder or a bucket that it serves", Unusable: true}
}

// refused is the error that a status stands for.
func (s *static) refused(answer *http.Response) error {
	e := &Error{Remote: s.String(), Err: fmt.Errorf("%s answers %s", answer.Request.URL.Redacted(), answer.Status)}
	switch code := answer.StatusCode; {
	case code == http.StatusOK:
		return nil
	case code == http.StatusNotFound, code == http.StatusGone:
		return fs.ErrNotExist
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusProxyAuthRequired:
		e.Advice, e.Unusable = "see that what was pushed may be read by all", true
	case code == http.StatusTooManyRequests, code == http.StatusRequestTimeout, code >= 500:
		e.Advice, e.Passing = "try again later", true
	default:
		e.Advice, e.Unusable = "see that the address is that of a folder that was pushed to", true
	}
	return e
}

func (s *static) failed(err error) error { return connection(s.String(), err) }

// connection is the error of a request that got no answer, or not all of it.
func connection(of string, err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the address, which is named and may hold a password
	}
	e := &Error{Remote: of, Err: err}
	var certificate *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var record tls.RecordHeaderError
	var name *net.DNSError
	switch {
	case errors.As(err, &certificate), errors.As(err, &unknown), errors.As(err, &host):
		e.Advice, e.Unusable = "it is not known to be the one that it says it is; see the address, the clock of this "+
			"machine and, for an authority of your own, SSL_CERT_FILE", true
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		e.Advice, e.Unusable = "it does not speak TLS; see the address and the port", true
	case errors.As(err, &name) && name.IsNotFound:
		e.Advice, e.Unusable = "see the address", true
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.Advice, e.Passing = "the connection was closed in the middle of a file; try again", true
	default:
		e.Advice, e.Passing = "see the network, and try again", true
	}
	return e
}

// awake reads a body and puts off the end of a request that gets nothing.
type awake struct {
	io.Reader
	end *time.Timer
}

func (a *awake) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if n > 0 {
		a.end.Reset(idleTimeout)
	}
	if err != nil {
		a.end.Stop()
	}
	return n, err
}
