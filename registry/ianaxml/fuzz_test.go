package ianaxml_test

import (
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/ianasync/ianasync/registry/ianaxml"
)

// FuzzRead holds reading to these: it ends without a panic; what it accepts is well-formed to encoding/xml, too; all
// records decode, to normalised texts under different keys; and it does not matter which edition was read before.
func FuzzRead(f *testing.F) {
	for _, content := range []string{
		"", "<record><a>x</a></record>", "<registry id='a'><record date='1'><xref type='rfc' data='rfc1' section='2'/></record></registry>",
		"<title>a &amp; b</title><people><person id='p'><name>n</name></person></people>", "<record><a>&#65;<![CDATA[<]]><!-- --></a></record>",
		"<x:y xmlns:x='urn:x' x:z=''/>", "<range><value>0</value></range><note title='t'>n<br/></note>",
	} {
		f.Add(group("<record><a>x</a></record>"), group(content))
	}
	f.Fuzz(func(t *testing.T, before, text string) {
		g, err := ianaxml.Read([]byte(text))
		old, _ := ianaxml.Read([]byte(before))
		next, nextErr := old.Next([]byte(text))
		if a, b := read(g, err), read(next, nextErr); !reflect.DeepEqual(a, b) {
			t.Errorf("Read gives %+v, Next %+v", a, b)
		}
		if err != nil {
			return
		}
		if err := wellFormed(text); err != nil {
			t.Errorf("encoding/xml refuses it: %v", err)
		}
		for _, r := range g.Registries {
			for _, cells := range r.Table().Records {
				seen := map[string]bool{}
				for _, c := range cells {
					if seen[c.Key] || c.Text != strings.Join(strings.Fields(c.Text), " ") {
						t.Errorf("cell %q is doubled or not normalised: %q", c.Key, c.Text)
					}
					seen[c.Key] = true
				}
			}
		}
	})
}

// wellFormed returns the error that encoding/xml has with a document.
func wellFormed(text string) error {
	d := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	for {
		_, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && (strings.Contains(err.Error(), "unsupported version") || strings.Contains(err.Error(), "invalid UTF-8")):
			return nil // 1.1 is read as 1.0, and Latin-1 is decoded
		case err != nil:
			return err
		}
	}
}
