package urls

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestAddresses(t *testing.T) {
	for got, want := range map[string]string{
		Port(0):                     "port/0/",
		Port(65535):                 "port/65535/",
		Block(2397):                 "block/2304/",
		Block(255):                  "block/0/",
		Version("20180328T225601Z"): "version/20180328T225601Z/",
		Year(2018):                  "year/2018/",
		Service("ncl"):              "service/ncl/",
		Service("Microsoft-DS"):     "service/microsoft-ds/",
		Service("whois++"):          "service/whois~2b~2b/",
		Service("914c/g"):           "service/914c~2fg/",
		Service("a b.c*"):           "service/a~20b~2ec~2a/",
		Service(".."):               "service/~2e~2e/",
		Service("con"):              "service/~63on/",
		Service("LPT1"):             "service/~6cpt1/",
		Service("contact"):          "service/contact/",
		Group("tls-parameters"):     "registry/tls-parameters/",
		Registry("a/B.c"):           "registry/a/~42~2ec/",
		Registry("a/../x"):          "registry/a/~2e~2e~2fx/",
		RFC(9846):                   "rfc/9846/",
		Week(day("2018-03-28")):     "week/2018-03-26/",
		Week(day("2018-04-01")):     "week/2018-03-26/",
		Week(day("2018-04-02")):     "week/2018-04-02/",

		Seen("dnskey-flags", "20180401T225601Z", day("2018-04-01")): "week/2018-03-26/#dnskey-flags-20180401T225601Z",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestServicesApart draws names and holds that those which are looked up alike share a page, and no others do.
func TestServicesApart(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.OneOf(rapid.StringMatching(`[a-cA-C~/ .+*-]{0,4}`), rapid.String(), rapid.Map(rapid.IntRange(100, 140), func(n int) string { return strings.Repeat("a", n) }))
		a, b := name.Draw(rt, "a"), name.Draw(rt, "b")
		same := strings.ToLower(a) == strings.ToLower(b) //nolint:staticcheck // SA6005: as the registry is asked, which is not quite EqualFold
		if same != (Service(a) == Service(b)) {
			rt.Errorf("%q and %q: %s and %s", a, b, Service(a), Service(b))
		}
		folder := strings.TrimSuffix(strings.TrimPrefix(Service(a), "service/"), "/")
		if len(folder) > 120 || strings.ContainsAny(folder, `/\:*?"<>|. ABC`) {
			rt.Errorf("%q is in the folder %q", a, folder)
		}
	})
}

func TestLink(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"registry/a/b/", "registry/a/b/", "./"},
		{"registry/a/b/", "registry/a/b/#0x01/2", "#0x01/2"},
		{"registry/a/b/", "registry/a/c/#1", "../c/#1"},
		{"registry/a/b/", "registry/a/", "../"},
		{"registry/a/b/", "registry/ab/", "../../ab/"},
		{"registry/a/", "registry/a/b/feed.atom", "b/feed.atom"},
		{"week/", "week/2018-03-26/#a", "2018-03-26/#a"},
		{"week/2018-03-26/", "", "../../"},
		{"", "week/", "week/"},
		{"", "", "./"},
	} {
		if got := Link(c.from, c.to); got != c.want {
			t.Errorf("from %q to %q it is %q, want %q", c.from, c.to, got, c.want)
		}
	}
}
