package vendored

import (
	"fmt"
	"go/build"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want string // the form, entries and problems; or the error
	}{
		"go": {
			"const (\n\tTLS_A uint16 = 0x1301 // RFC\n\tTLS_B = 0x1302\n\tlength = 12\n\tTLS_C = 1 << iota\n\t_ = 306\n)\nfunc TLS_D() int { return 4 }\n",
			"code; 2 0x1301 TLS_A|A; 3 0x1302 TLS_B|B",
		},
		"python": {
			"class S(IntEnum):\n    OK = 200, 'OK', 'fine'\n    SEE = (303, 'See Other',\n        'x')\n    PLAIN = 4\n    TEXT = 'x'\n",
			"code; 2 200 OK|OK; 3 303 SEE|See Other; 5 4 PLAIN",
		},
		"c":          {"#define A_ONE 1 /* x */\n#define B_TWO (0x02)\n#define CALL(x) 3\n\tC_THREE = 3,\n", "code; 1 1 A_ONE; 2 0x02 B_TWO; 4 3 C_THREE"},
		"pairs":      {"  200: \"OK\",\n  {0x1301, \"TLS_A\"},\n  '404' => 'Not Found',\n", "code; 1 200 OK; 2 0x1301 TLS_A; 3 404 Not Found"},
		"suites":     {"0x13,0x01 - TLS_A - A TLSv1.3\r\n\r\nnone\r\n0x00,0x2F - TLS_B\r\n", "cipher-suites; 1 0x13,0x01 TLS_A|A; 4 0x00,0x2F TLS_B; line 3"},
		"types":      {"# comment\ntext/plain\ttxt\nimage/svg+xml svg svgz\nnone of that\n", "mime.types; 2  text/plain; 3  image/svg+xml; line 4"},
		"csv":        {"Value;Name;x\n1;a;\n;b;\n2\n3;Unassigned;\n\"4\";\"c;d\";\n", "csv; 2 1 a; 6 4 c;d; line 3; line 4; 1 unnamed"},
		"csv, names": {"Name,Reference\na,[RFC1]\n", "csv; 2  a"},
		"map":        {`{"200": "OK", "b": 2, "x": {"0x03": "c"}, "n": null}`, "json; 0 200 OK; 0 2 b; 0 0x03 c; line 0"},
		"list":       {`[{"code": 200, "name": "OK"}, {"code": 1}, "alone", 3]`, "json; 0 200 OK; 0 1 code; 0  alone; line 0"},
		"no name":    {`{"": 4, "a": 5, "list": ["b", " ", "c"], "6": " ", "7": "d"}`, "json; 0 7 d; 0 5 a; 0  b; 0  c; line 0; line 0; line 0"},
		"types, map": {`{"text/plain": {"source": "iana"}, "text/x": {"a": []}}`, "json; 0  text/plain; 0  text/x"},

		"prose":     {"Nothing\nis here\n", "there are no values and names in it, in any form that is known"},
		"empty":     {"", "there are no values and names in it, in any form that is known"},
		"binary":    {"A = 1\n\x00", "it is not a file of text"},
		"gzip":      {"\x1f\x8b\x08\x00\x00", "it is compressed with gzip: decompress it first (gunzip)"},
		"bad JSON":  {`{"a": `, "it is not JSON: unexpected EOF"},
		"bad lines": {"text/plain txt\na b\nc d\n", "line 2: this is not a media type and its extensions: \"a b\"; and most other lines cannot be read"},
	} {
		var got string
		if f, err := Parse([]byte(test.text)); err != nil {
			got = err.Error()
		} else {
			got = string(f.Form)
			for _, e := range f.Entries {
				got += fmt.Sprintf("; %d %s %s", e.Line, e.Value, strings.Join(e.Names, "|"))
			}
			for _, u := range f.Unreadable {
				got += fmt.Sprintf("; line %d", u.Line)
			}
			if f.Unnamed > 0 {
				got += fmt.Sprintf("; %d unnamed", f.Unnamed)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestSameName(t *testing.T) {
	for _, test := range []struct {
		name, registered string
		want             bool
	}{
		{"OK", "OK", true},
		{"NOT_FOUND", "Not Found", true},
		{"StatusNotFound", "Not Found", true},
		{"NonAuthoritativeInfo", "Non-Authoritative Information", true},
		{"StatusProxyAuthRequired", "Proxy Authentication Required", false}, // Parse leaves out Status
		{"ProxyAuthRequired", "Proxy Authentication Required", true},
		{"RequestURITooLong", "URI Too Long", true},
		{"PayloadTooLarge", "Content Too Large", false},
		{"TLS_AES_128", "TLS_AES_128_GCM", false},
		{"TLS_AES_1", "TLS_AES_128", false},
		{"SomethingEntirelyOther_OK", "OK", false},
		{"", "OK", false},
		{"_", "-", false},
	} {
		if got := sameName(test.name, test.registered); got != test.want {
			t.Errorf("%s, %s: %t", test.name, test.registered, got)
		}
	}
}

// Real files are read whole: what Go carries of HTTP and TLS.
func TestParseGo(t *testing.T) {
	for name, want := range map[string]int{"net/http/status.go": 60, "crypto/tls/cipher_suites.go": 20} {
		data, err := os.ReadFile(filepath.Join(build.Default.GOROOT, "src", filepath.FromSlash(name)))
		if err != nil {
			t.Skip(err)
		}
		f, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Entries) < want || len(f.Unreadable) > 0 {
			t.Errorf("%s: %d entries and %d problems, want at least %d and none", name, len(f.Entries), len(f.Unreadable), want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"A = 1\n", "0x13,0x01 - A\n", "text/plain txt\n", "Value,Name\n1,a\n", `{"1":"a","b":{"c":[1]}}`, `{"":4," ":"a"}`, `["a",""," "]`, "1: \" \"\n2: \"b\"\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := Parse(data)
		if err != nil {
			return
		}
		for _, e := range list.Entries {
			if len(e.Names) == 0 || slices.ContainsFunc(e.Names, func(name string) bool { return strings.TrimSpace(name) == "" }) {
				t.Errorf("an entry without a name: %+v", e)
			}
		}
	})
}
