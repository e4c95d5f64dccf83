package history

import (
	"testing"

	"github.com/ianasync/ianasync/registry"
)

func TestParseQuery(t *testing.T) {
	for s, want := range map[string]Query{
		"0":         {Port: 0},
		"2397":      {Port: 2397},
		"65535":     {Port: 65535},
		"2397/udp":  {Port: 2397, Transport: registry.UDP},
		"2397/SCTP": {Port: 2397, Transport: registry.SCTP},
		"ncl":       {Service: "ncl"},
		"3com":      {Service: "3com"},
		"/tcp":      {Service: "/tcp"},
		"ncl/tcp":   {Service: "ncl/tcp"},
		"+80":       {Service: "+80"},
		"6000-6063": {Service: "6000-6063"},
	} {
		if got, err := ParseQuery(s); got != want || err != nil {
			t.Errorf("ParseQuery(%q) = %+v, %v; want %+v", s, got, err, want)
		}
	}
	for _, s := range []string{"65536", "99999999999999999999", "80/quic", "80/", "80/tcp/x"} {
		if got, err := ParseQuery(s); err == nil {
			t.Errorf("ParseQuery(%q) = %+v, want an error", s, got)
		}
	}
}
