package sync

import (
	"context"
	"net/http"
	"strings"

	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/registry/ianaxsl"
)

// keepStylesheet fetches the stylesheet of a group that changed, which IANA has beside its XML, and keeps it for its labels. A group
// that has not changed is not asked for it. What is not there or no stylesheet is left out, and an earlier one stays.
func (j *Job) keepStylesheet(ctx context.Context, from Getter, source string) error {
	address, isXML := strings.CutSuffix(source, ".xml")
	if j.Store.Group().Alone() || !isXML {
		return nil
	}
	if answer, err := from.Get(ctx, address+".xsl", web.Conditions{}); err == nil && answer.Status == http.StatusOK {
		return j.KeepStylesheet(answer.Body)
	}
	return ctx.Err()
}

// KeepStylesheet keeps the stylesheet of the group, if it is one.
func (j *Job) KeepStylesheet(data []byte) error {
	if _, err := ianaxsl.Parse(data); err == nil {
		return j.Store.SetStylesheet(data)
	}
	return nil
}
