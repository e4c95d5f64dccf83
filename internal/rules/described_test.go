package rules_test

import (
	"slices"
	"testing"

	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
)

// TestDescribedCSV holds that a registry that is described by the columns of its XML has a name in its CSV, too.
func TestDescribedCSV(t *testing.T) {
	columns := []registry.Column{{Key: "value"}, {Key: "extension_name"}, {Key: "tls_1_3"}, {Key: "reference"}}
	s, found := rules.Described("tls-extensiontype-values/tls-extensiontype-values-1", columns)
	if !found || !slices.Equal(s.Key, []string{"value"}) || s.Name != "extension_name" {
		t.Errorf("%v %+v", found, s)
	}
}
