package dataset_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/publish/dataset"
)

const someProtocols = "Decimal,Keyword,Protocol,IPv6 Extension Header,Reference\r\n0,HOPOPT,IPv6 Hop-by-Hop Option,Y,[RFC8200]\r\n" +
	"6,TCP,Transmission Control,,[RFC9293]\r\n9,IGP,\"any private interior gateway             \n(used by Cisco for their IGRP)\",,[IANA]\r\n" +
	"53,SWIPE (deprecated),IP with Encryption,,[JI]\r\n61,,any host internal protocol,,\r\n135,Mobility Header,,Y,[RFC6275]\r\n" +
	"142,ROHC,Robust Header Compr\u00e9ssion,,\r\n143-252,,Unassigned,,\r\n250,x#y,,,\r\n251,tcp,again,,\r\n255,Reserved,,,\r\n256,High,,,\r\n7\r\n"

func TestEtcProtocols(t *testing.T) {
	got, err := dataset.EtcProtocols("protocol-numbers-1.csv", []byte("\ufeff"+someProtocols))
	if err != nil {
		t.Fatal(err)
	}
	want := `ip	0	IP	# Internet Protocol, pseudo protocol number
hopopt	0	HOPOPT	# IPv6 Hop-by-Hop Option
tcp	6	TCP	# Transmission Control
igp	9	IGP	# any private interior gateway (used by Cisco for their IGRP)
swipe	53	SWIPE	# IP with Encryption
mobility-header	135	Mobility-Header
rohc	142	ROHC	# Robust Header Compression
`
	if diff := cmp.Diff(want, body(string(got))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, other := range []string{"", "Service Name,Port Number\nhttp,80\n"} {
		if _, err := dataset.EtcProtocols("x", []byte(other)); !errors.Is(err, dataset.ErrNoProtocols) {
			t.Errorf("%q: %v", other, err)
		}
	}
	getent := glibc(t, "protocols", string(got))
	for key, want := range map[string]string{"0": "ip 0 IP", "tcp": "tcp 6 TCP", "Mobility-Header": "mobility-header 135 Mobility-Header", "142": "rohc 142 ROHC"} {
		if got := strings.Join(strings.Fields(getent(key)), " "); got != want {
			t.Errorf("getent protocols %s: %q, want %q", key, got, want)
		}
	}
}
