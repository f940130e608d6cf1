package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// A bucket is a remote in a bucket of S3, or of a server that speaks as S3 does.
type bucket struct {
	core   minio.Core
	name   string
	prefix string
}

// newS3 finds server and credentials where the tools of AWS do: AWS_ENDPOINT_URL_S3 or
// AWS_ENDPOINT_URL, AWS_REGION or AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID with
// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, else the profile AWS_PROFILE of
// ~/.aws/credentials; without any, the bucket is read as anyone may.
func newS3(u *url.URL) (*bucket, error) {
	if u.Host == "" || u.User != nil || u.RawQuery != "" {
		return nil, fmt.Errorf("%q is not s3://BUCKET/PREFIX; server and credentials are taken from AWS_ENDPOINT_URL, "+
			"AWS_REGION, AWS_ACCESS_KEY_ID and so on", u.Redacted())
	}
	host, secure := "s3.amazonaws.com", true
	if endpoint := first("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"); endpoint != "" {
		at, err := url.Parse(endpoint)
		if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" || strings.Trim(at.Path, "/") != "" {
			return nil, fmt.Errorf("AWS_ENDPOINT_URL is %q; it is https://HOST or https://HOST:PORT", endpoint)
		}
		host, secure = at.Host, at.Scheme == "https"
	}
	client, err := minio.New(host, &minio.Options{
		Creds: credentials.NewChainCredentials([]credentials.Provider{
			&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}}),
		Secure: secure, Region: first("AWS_REGION", "AWS_DEFAULT_REGION"), Transport: transport(),
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", u, err)
	}
	return &bucket{minio.Core{Client: client}, u.Host, strings.Trim(u.Path, "/")}, nil
}

func first(names ...string) string {
	for _, name := range names {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return ""
}

func init() {
	// What may pass is tried again here, for every kind of remote alike.
	minio.MaxRetry = 1
}

func (b *bucket) String() string { return "s3://" + path.Join(b.name, b.prefix) }

func (b *bucket) key(name string) string { return path.Join(b.prefix, name) }

func (b *bucket) Read(ctx context.Context, name string, limit int64) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	body, _, _, err := b.core.GetObject(ctx, b.name, b.key(name), minio.GetObjectOptions{})
	if err != nil {
		return nil, b.failed(err)
	}
	defer body.Close()
	data, err := readAll(&awake{body, time.AfterFunc(idleTimeout, cancel)}, limit)
	var long *TooLongError
	if err != nil && !errors.As(err, &long) {
		return nil, b.failed(err)
	}
	return data, err
}

func (b *bucket) Size(ctx context.Context, name string) (int64, error) {
	info, err := b.core.StatObject(ctx, b.name, b.key(name), minio.StatObjectOptions{})
	if err != nil {
		return 0, b.failed(err)
	}
	return info.Size, nil
}

// Put sends a checksum along, without which the server would take what arrived for what was
// sent.
func (b *bucket) Put(ctx context.Context, name string, data []byte) error {
	_, err := b.core.Client.PutObject(ctx, b.name, b.key(name), bytes.NewReader(data), int64(len(data)),
		minio.PutObjectOptions{SendContentMd5: true, DisableMultipart: len(data) < 64<<20})
	if err != nil {
		return b.failed(err)
	}
	return nil
}

// failed says what an answer of S3 means.
func (b *bucket) failed(err error) error {
	var answer minio.ErrorResponse
	if !errors.As(err, &answer) {
		return connection(b.String(), err)
	}
	e := &Error{Remote: b.String(), Err: fmt.Errorf("%s", strings.TrimSpace(answer.Code+" "+answer.Message))}
	const signed = "see AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or AWS_PROFILE"
	switch answer.Code {
	case "NoSuchKey", "NotFound":
		return fs.ErrNotExist
	case "NoSuchBucket":
		e.Err = fmt.Errorf("there is no bucket %s", b.name)
		e.Advice, e.Unusable = "make it, or see its name and AWS_ENDPOINT_URL", true
	case "InvalidBucketName":
		e.Advice, e.Unusable = "see its name", true
	case "AccessDenied", "AllAccessDisabled", "AccountProblem":
		e.Advice, e.Unusable = "these credentials may not do that; "+signed+", and what the bucket allows: "+
			"reading takes s3:GetObject and s3:ListBucket, without which S3 does not tell what is not there", true
	case "InvalidAccessKeyId", "InvalidAccessKeyID", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken":
		e.Advice, e.Unusable = "the credentials are not right; "+signed, true
	case "RequestTimeTooSkewed", "RequestExpired":
		e.Advice, e.Unusable = "set the clock of this machine, which is off by more than the server allows", true
	case "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect", "InvalidRegion":
		e.Advice, e.Unusable = "the bucket is in another region; see AWS_REGION and AWS_ENDPOINT_URL", true
	default:
		switch code := answer.StatusCode; {
		case code == http.StatusNotFound && answer.Code == "":
			return fs.ErrNotExist
		case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusNotFound:
			e.Advice, e.Unusable = "it may not be used with these credentials; "+signed, true
		case code >= 500, code == http.StatusTooManyRequests, code == 0:
			e.Advice, e.Passing = "try again later", true
		default:
			e.Advice, e.Unusable = "see its name and AWS_ENDPOINT_URL", true
		}
	}
	return e
}
