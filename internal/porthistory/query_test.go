package porthistory

import (
	"errors"
	"testing"

	"github.com/ianasync/ianasync/registry/ports"
)

func TestParseQuery(t *testing.T) {
	for s, want := range map[string]Query{
		"0":         {Port: 0},
		"2397":      {Port: 2397},
		"65535":     {Port: 65535},
		"2397/udp":  {Port: 2397, Transport: ports.UDP},
		"2397/SCTP": {Port: 2397, Transport: ports.SCTP},
		"ncl":       {Service: "ncl"},
		"3com":      {Service: "3com"},
		"/tcp":      {Service: "/tcp"},
		"ncl/tcp":   {Service: "ncl/tcp"},
		"+80":       {Service: "+80"},
		":443":      {Port: 443},
		":443/udp":  {Port: 443, Transport: ports.UDP},

		"_http._tcp":       {Service: "http"},
		"_ipp._tcp.local.": {Service: "ipp"},
		"_sip._udp.local":  {Service: "sip"},
		"_http._sctp":      {Service: "_http._sctp"},
		"_._tcp":           {Service: "_._tcp"},
		"http._tcp":        {Service: "http._tcp"},
		"6-tcp":            {Service: "6-tcp"},
		"tcp/ncl":          {Service: "tcp/ncl"},
		"tcp/80":           {Port: 80, Transport: ports.TCP},
		"UDP/53":           {Port: 53, Transport: ports.UDP},
		"10-9":             {Service: "10-9"},
	} {
		if got, err := ParseQuery(s); got != want || err != nil {
			t.Errorf("ParseQuery(%q) = %+v, %v; want %+v", s, got, err, want)
		}
	}
	for s, instead := range map[string]string{"6000-6063": "6000", "8000-8010/tcp": "8000/tcp", ":80-81": ":80"} {
		got, err := ParseQuery(s)
		if form := (*FormError)(nil); !errors.As(err, &form) || form.Instead != instead {
			t.Errorf("ParseQuery(%q) = %+v, %v; want a FormError with %s", s, got, err, instead)
		}
		if _, err := ParseQuery(instead); err != nil {
			t.Errorf("%s, in place of %s: %v", instead, s, err)
		}
	}
	for _, s := range []string{"65536", "99999999999999999999", "80/quic", "80/", "80/tcp/x"} {
		if got, err := ParseQuery(s); err == nil {
			t.Errorf("ParseQuery(%q) = %+v, want an error", s, got)
		}
	}
}
