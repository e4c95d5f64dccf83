package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/ianasync/ianasync/internal/notify"
)

// notifyFlags are the flags of webhooks.
type notifyFlags struct {
	webhooks   []string
	filters    []string
	secretFile string
	wait       time.Duration // for sync: how long to retry
}

func (f *notifyFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.webhooks, "notify", nil, "URL of a webhook that receives a message about each new version; repeatable")
	flags.StringArrayVar(&f.filters, "notify-filter", nil, "send only changes that match: 'port=2397', 'kind=deassigned,reused assignee=[NetApp]'; repeatable")
	flags.StringVar(&f.secretFile, "notify-secret-file", "", "file with the secret to sign messages with; alternatively, set IANASYNC_NOTIFY_SECRET to the secret")
}

// notifier returns the notifier that the flags describe; without a webhook it does nothing.
func (a *app) notifier(f *notifyFlags) (*notify.Notifier, error) {
	n := &notify.Notifier{Registry: a.registry, Store: a.store, Now: a.now, Report: a.sayReport}
	var err error
	if n.Webhooks, err = notify.ParseWebhooks(f.webhooks...); err != nil {
		return nil, fmt.Errorf("--notify: %w", err)
	}
	for _, text := range f.filters {
		for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") { // an empty text is a filter, too, and an error: an alarm whose variable is not set must not match everything
			filter, err := notify.ParseFilter(line)
			if err != nil {
				return nil, withHint(fmt.Errorf("--notify-filter: %w", err), "a filter is like 'port=2397' or 'kind=deassigned,reused service=ncl'")
			}
			n.Filters = append(n.Filters, filter)
		}
	}
	if len(n.Webhooks) == 0 {
		if len(n.Filters) > 0 || f.secretFile != "" {
			return nil, withHint(errors.New("--notify-filter and --notify-secret-file need a webhook"), "name one with --notify")
		}
		return n, nil
	}
	n.Secret, err = a.notifySecret(f.secretFile)
	return n, err
}

// notifySecret reads the key of signatures from the file, or from the environment if no file is given. White space around the secret
// is dropped, because editors and shells add some.
func (a *app) notifySecret(file string) ([]byte, error) {
	const variable = envPrefix + "NOTIFY_SECRET"
	secret, from := []byte(a.getenv(variable)), variable
	switch {
	case file != "" && len(secret) > 0:
		return nil, fmt.Errorf("--notify-secret-file and %s are both set", variable)
	case file == "" && len(secret) == 0:
		return nil, nil
	case file != "":
		var err error
		if secret, err = readFile(file); err != nil {
			return nil, fmt.Errorf("--notify-secret-file: %w", err)
		}
		from = "the file " + file
	}
	if secret = bytes.TrimSpace(secret); len(secret) == 0 {
		return nil, fmt.Errorf("no secret in %s", from)
	}
	key, err := notify.ParseSecret(secret)
	if err != nil {
		return nil, fmt.Errorf("the secret in %s: %w", from, err)
	}
	return key, nil
}

// sayReport prints what went wrong with a webhook.
func (a *app) sayReport(r notify.Delivery) {
	if r.Outcome != notify.Delivered {
		a.say("webhook %s", r)
	}
}

// deliver sends pending messages; what is not accepted in time is left to the next run.
func deliver(ctx context.Context, n *notify.Notifier, wait time.Duration) {
	ctx, cancel := context.WithTimeoutCause(ctx, wait, fmt.Errorf("no answer within %s", wait))
	defer cancel()
	n.Deliver(ctx)
}
