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

// notifyFlags are the flags that say whom to tell of new versions.
type notifyFlags struct {
	webhooks   []string
	filters    []string
	secretFile string
	wait       time.Duration // of sync, which does not stay
}

func (f *notifyFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.webhooks, "notify", nil, "URL of a webhook to tell of new versions; may be given several times")
	flags.StringArrayVar(&f.filters, "notify-filter", nil, "tell only of such changes: 'port=2397', 'kind=deassigned,reused assignee=[NetApp]'; may be given several times")
	flags.StringVar(&f.secretFile, "notify-secret-file", "", "file with the secret to sign messages with; or set IANASYNC_NOTIFY_SECRET to it")
}

// notifier is who tells the webhooks. Without any it has nothing to do.
func (a *app) notifier(f *notifyFlags) (*notify.Notifier, error) {
	n := &notify.Notifier{Registry: a.registry, Store: a.store, Now: a.now, Report: a.sayReport}
	var err error
	if n.Webhooks, err = notify.ParseWebhooks(f.webhooks...); err != nil {
		return nil, fmt.Errorf("--notify: %w", err)
	}
	for _, text := range f.filters {
		for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") { // one at least: an alarm whose variable is not set must not tell everything
			filter, err := notify.ParseFilter(line)
			if err != nil {
				return nil, withHint(fmt.Errorf("--notify-filter: %w", err), "one like 'port=2397', or 'kind=deassigned,reused service=ncl'")
			}
			n.Filters = append(n.Filters, filter)
		}
	}
	if len(n.Webhooks) == 0 {
		if len(n.Filters) > 0 || f.secretFile != "" {
			return nil, withHint(errors.New("there is no webhook to tell anything"), "--notify names one")
		}
		return n, nil
	}
	n.Secret, err = a.notifySecret(f.secretFile)
	return n, err
}

// notifySecret reads the secret from the file, or from the environment where there is none. White space around it is no
// part of it, for editors and shells add some.
func (a *app) notifySecret(file string) ([]byte, error) {
	const variable = envPrefix + "NOTIFY_SECRET"
	secret, from := []byte(a.getenv(variable)), variable
	switch {
	case file != "" && len(secret) > 0:
		return nil, fmt.Errorf("there are two secrets: --notify-secret-file and %s", variable)
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
		return nil, fmt.Errorf("there is no secret in %s", from)
	}
	return secret, nil
}

// sayReport tells people what went wrong with a webhook.
func (a *app) sayReport(r notify.Report) {
	if r.Outcome != notify.Delivered {
		a.say("webhook %s", r)
	}
}

// deliver tells the webhooks what there is to tell. What they do not take in time is left to the next run.
func deliver(ctx context.Context, n *notify.Notifier, wait time.Duration) {
	ctx, cancel := context.WithTimeoutCause(ctx, wait, fmt.Errorf("no answer within %s", wait))
	defer cancel()
	n.Deliver(ctx)
}
