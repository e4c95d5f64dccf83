package ianaxml_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/registry/ianaxml"
)

// group returns a document with the given content.
func group(content string) string {
	return `<registry xmlns="http://www.iana.org/assignments" id="g">` + content + "</registry>"
}

func mustRead(t *testing.T, text string) *ianaxml.Group {
	t.Helper()
	g, err := ianaxml.Read([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return g
}

func TestRegistries(t *testing.T) {
	g := mustRead(t, "<?xml version='1.0' encoding='UTF-8'?>\n<?xml-stylesheet href='g.xsl'?>\n<!-- <registry> -->"+group(`
		<title>Group</title>
		<registry id="heading"><title>Heading</title><hide/>
			<registry id="empty"/>
			<registry id="both"><record/><registry id="below"><record/><record/></registry></registry>
		</registry>
		<x:registry xmlns:x="urn:other" id="empty"><x:record/></x:registry>
		<people><person id="Ann"><name>Ann</name></person></people>`)+"\n<!-- end -->\n")
	var got []string
	for _, r := range g.Registries {
		got = append(got, fmt.Sprintf("%s below %q, heading %v, hidden %v, %d records, %q", r.ID, r.Parent, r.Heading, r.Hidden, len(r.Records), r.Title))
	}
	want := []string{
		`g below "", heading true, hidden false, 0 records, "Group"`,
		`heading below "g", heading true, hidden true, 0 records, "Heading"`,
		`empty below "heading", heading false, hidden false, 0 records, ""`,
		`both below "heading", heading false, hidden false, 1 records, ""`,
		`below below "both", heading false, hidden false, 2 records, ""`,
	}
	if d := cmp.Diff(want, got); d != "" || g.ID != "g" {
		t.Errorf("group %s (-want +got)\n%s", g.ID, d)
	}
}

func TestCells(t *testing.T) {
	tests := []struct{ name, record, want string }{
		{"empty", "<record/>", ""},
		{"case is kept", "<record><TLV_135> y </TLV_135></record>", "TLV_135=y"},
		{"white space", "<record><a> one\n\t two\u00a0&#xa0;three&#10;</a></record>", "a=one two three"},
		{"predefined entities", "<record><a>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;</a></record>", `a=<&>"'AB`},
		{"CDATA", "<record><a>x<![CDATA[<b>&amp;]]>y</a></record>", "a=x<b>&amp;y"},
		{"comments", "<record><a>on<!-- <x> & --><?p q?>e</a><!-- --></record>", "a=one"},
		{"other namespaces", `<record xmlns:o="urn:o"><o:b>no</o:b><a>one<o:b>no</o:b>two</a></record>`, "a=onetwo"},
		{"a prefix", `<i:record xmlns:i="http://www.iana.org/assignments" i:date="1"><i:a>one</i:a></i:record>`, "a=one"},
		{"elements in text", "<record><a>one<br/>two<paragraph>three</paragraph>four</a></record>", "a=one two three four"},
		{"an element twice", "<record><alias>b</alias><c>x</c><alias>a</alias><alias/></record>", "alias=b a; c=x"},
		{"people wherever they stand", "<record><people><person>P</person></people><a>x<people><name>P</name></people>y</a></record>", "a=xy"},
		{"dates", `<record date=" 2020 " updated="2021"><a>x</a></record>`, "a=x; registration_date=2020; modification_date=2021"},
		{"an element goes before the attribute", `<record date="2020"><registration_date>2019</registration_date></record>`, "registration_date=2019"},
		{"but not an empty one", `<record date="2020"><registration_date/></record>`, "registration_date=2020"},
		{"other attributes", `<record data="x" update="y" xml:lang="en"/>`, ""},
		{
			"references and contacts", `<record><xref type="rfc" data="rfc1"/> <xref type="person" data="A"/><b>x</b><xref type="draft" data="draft-x"/><xref type="person" data="B"/></record>`,
			"b=x; reference=[RFC1][draft-x]; contact=[A][B]",
		},
		{"an element beside references", `<record><xref type="text">a</xref><reference>b</reference><xref type="text">c</xref></record>`, "reference=[a] b [c]"},
		{"white space between labels", `<record><a><xref type="person" data="A"/> <br/> <xref type="person" data="B"/> or <xref type="uri" data="u"/></a></record>`, "a=[A][B] or [u]"},
		{"a person in a column", `<record><assignee><xref type="person" data="A"/></assignee></record>`, "assignee=[A]"},
		{"a file", `<record><file type="template" name="n"/><a>see <file registry="r">t</file>.</a></record>`, "file=n; a=see r/t ."},
	}
	for _, tt := range tests {
		table := mustRead(t, group(tt.record)).Registries[0].Table()
		if len(table.Records) != 1 {
			t.Errorf("%s: %d records", tt.name, len(table.Records))
			continue
		}
		var got []string
		for _, c := range table.Records[0] {
			got = append(got, c.Key+"="+c.Text)
		}
		if got := strings.Join(got, "; "); got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestLabels(t *testing.T) {
	tests := []struct{ xref, want string }{
		{`<xref type="rfc" data="rfc9110"/>`, "[RFC9110]"},
		{`<xref type="rfc" data="rfc9110" section="3.1"/>`, "[RFC9110, Section 3.1]"},
		{`<xref type="rfc" data="rfc1" page=" 7 " anchor="x"/>`, "[RFC1, Page 7]"},
		{`<xref type="rfc" data="rfc1" appendix="A"/>`, "[RFC1, Appendix A]"},
		{`<xref type="rfc" data="rfc1" table="2"/>`, "[RFC1, Table 2]"},
		{`<xref type="rfc" data="rfc1" figure="2"/>`, "[RFC1, Figure 2]"},
		{`<xref type="rfc" data="rfc1" anchor="name-x"/>`, "[RFC1#name-x]"},
		{`<xref type="rfc" data="rfc1" section="3"> RFC 1,
			here </xref>`, "[RFC 1, here]"},
		{`<xref type="draft" data="RFC-ietf-x-01"/>`, "[RFC-ietf-x-01]"},
		{`<xref type="rfc-errata" data="4956"/>`, "[RFC Errata 4956]"},
		{`<xref type="person" data="Ann_Lee">Ann</xref>`, "[Ann_Lee]"},
		{`<xref type="note" data="1">one</xref>`, "[1]"},
		{`<xref type="uri" data="https://x"/>`, "[https://x]"},
		{`<xref type="uri" data="https://x">X</xref>`, "[X]"},
		{`<xref type="registry" data="g"/>`, "[IANA registry g]"},
		{`<xref type="registry" data="g">G</xref>`, "[G]"},
		{`<xref type="unicode" data="ucd15.1"/>`, "[Unicode Character Database 15.1]"},
		{`<xref type="unicode" data="tr46"/>`, "[]"},
		{`<xref type="text">Some <br/>text</xref>`, "[Some text]"},
		{`<xref data="x">unknown</xref>`, "[unknown]"},
	}
	for _, tt := range tests {
		r := mustRead(t, group(tt.xref+"<record><note>"+tt.xref+"</note></record>")).Registries[0]
		if cells := r.Table().Records[0]; cells[0].Text != tt.want || r.Reference != tt.want {
			t.Errorf("%s: %s and %s, want %s", tt.xref, cells[0].Text, r.Reference, tt.want)
		}
	}
}

func TestAbout(t *testing.T) {
	got := mustRead(t, group(`<title>A  title</title><category>C</category><created>2001</created><updated>2002</updated><description>D</description>
		<registration_rule>Expert Review</registration_rule><registration_rule>Private</registration_rule><expert>Ann</expert>
		<xref type="rfc" data="rfc1"/> <xref type="rfc" data="rfc2"/><note title="T">See <xref type="rfc" data="rfc3"/></note>
		<range><value>0-9</value><hex>0-9</hex><entry_size>1</entry_size><registration_rule>R</registration_rule><note>N</note><xref type="rfc" data="rfc4"/><value>again</value></range>
		<footnote anchor="1">F</footnote><unheard>of</unheard>`)).Registries[0].About
	want := ianaxml.About{
		Title: "A title", Category: "C", Created: "2001", Updated: "2002", Description: "D", Rules: []string{"Expert Review", "Private"},
		Experts: []string{"Ann"}, Reference: "[RFC1][RFC2]", Notes: []ianaxml.Note{{"T", "See [RFC3]"}},
		Ranges: []ianaxml.Range{{"0-9", "0-9", "1", "R", "N", "[RFC4]"}}, Footnotes: []ianaxml.Footnote{{"1", "F"}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestColumnsOrder(t *testing.T) {
	keys := mustRead(t, group(`<record date="1"><b/><xref type="person" data="A"/></record><record updated="2"><a/><b/><xref type="rfc" data="r"/></record>`)).Registries[0].Table().Keys
	if d := cmp.Diff([]string{"b", "a", "reference", "contact", "registration_date", "modification_date"}, keys); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestPosition(t *testing.T) {
	r := mustRead(t, group("\n  <record>\n  <a>x</a></record><record><a>y</a></record>")).Registries[0].Records
	var d ianaxml.Decoder
	var got []string
	for i := range r {
		line, column := r[i].Position(d.Append(nil, &r[i])[0].Offset)
		got = append(got, fmt.Sprintf("record on line %d, cell at %d:%d", r[i].Line, line, column))
	}
	if d := cmp.Diff([]string{"record on line 2, cell at 3:3", "record on line 3, cell at 3:28"}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestRefuses(t *testing.T) {
	deep := strings.Repeat("<a>", 200)
	tests := []struct{ name, text, want string }{
		{"nothing", "", "the document is empty"},
		{"white space", " \n\ufeff", "text before the root element"},
		{"text", "Bad gateway", "line 1, column 1: there is text before the root element"},
		{"HTML", "<!doctype html><p>", "it is a page of HTML"},
		{"HTML without a document type", "\n<HTML lang=en>", "it is a page of HTML"},
		{"XHTML", "<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC '-//W3C'><html/>", "it is a page of HTML"},
		{"UTF-16", "\xff\xfe<\x00", "UTF-16"},
		{"another encoding", "<?xml version='1.0' encoding='Shift_JIS'?><registry/>", `its encoding is "Shift_JIS"`},
		{"not UTF-8", group("\n \xff"), "line 2, column 2: byte 0xff is not UTF-8"},
		{"a control character", group("\x01"), "control character U+0001"},
		{"a noncharacter", group("\uffff"), "U+FFFF is not a character"},
		{"a document type", "<!DOCTYPE registry [<!ENTITY a 'aa'>]>" + group("&a;"), "line 1, column 1: it has a document type declaration"},
		{"an entity", group("<title>&a;</title>"), `unknown entity "a"`},
		{"an ampersand", group("<title>AT&T</title>"), "begins no reference"},
		{"no character", group("&#0;"), "&#0; is not a character"},
		{"no namespace", `<registry id="g"/>`, "not in the namespace"},
		{"another root", `<list xmlns="http://www.iana.org/assignments"/>`, "the root element is <list>"},
		{"a redirect", `<redirect xmlns="http://www.iana.org/assignments" id="g"><registry>h</registry></redirect>`, `a redirect to "h"`},
		{"no id", group("<registry/>"), "a registry has no id"},
		{"an id twice", group("\n<registry id='a'/><registry id='a'/>"), `line 2, column 19: two registries have the id "a"`},
		{"the group's id again", group("<registry id='g'/>"), `two registries have the id "g"`},
		{"a record in a record", group("<record><a><record/></a></record>"), "a record is within a record"},
		{"a registry in a record", group("<record><registry id='a'/></record>"), "a registry is within a record"},
		{"cut off in text", group("text")[:61], "the document ends before </registry>"},
		{"cut off in a tag", group("<record date='1")[:75], "cut off"},
		{"cut off in an end tag", strings.TrimSuffix(group(""), ">"), "the document ends within a tag"},
		{"crossed tags", group("<a><b></a></b>"), "</a> stands where </b> should"},
		{"two roots", group("") + group(""), "a second root element"},
		{"text after the root", group("") + "x", "text after the root element"},
		{"an attribute twice", group("<record date='1' date='2'/>"), "the attribute date stands twice"},
		{"an attribute twice by namespace", group("<record xmlns:a='u' xmlns:b='u' a:x='' b:x=''/>"), "the attribute b:x stands twice"},
		{"an undeclared prefix", group("<x:a/>"), "the prefix x has no namespace"},
		{"no quotes", group("<a b=c/>"), "not in quotes"},
		{"< in a value", group("<a b='<'/>"), "a < stands in the value"},
		{"]]> in text", group("]]>"), "outside of a CDATA section"},
		{"-- in a comment", group("<!-- -- -->"), "-- stands in a comment"},
		{"an XML declaration inside", group("<?xml version='1.0'?>"), "does not stand at the start"},
		{"a malformed XML declaration", "<?xml encoding='UTF-8'?>" + group(""), "the XML declaration is malformed"},
		{"deep nesting", group(deep), "nested more than 100 deep"},
		{"deep registries", group(strings.Repeat("<registry id='a'>", 200)), "two registries have"},
		{"malformed people", group("<people><person id='A'><name>Ann</person></people>"), "</person> stands where </name> should"},
	}
	for _, tt := range tests {
		_, err := ianaxml.Read([]byte(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v\nwant %s", tt.name, err, tt.want)
		}
	}
}

// A document that is cut anywhere before its end is refused.
func TestCut(t *testing.T) {
	text := "<?xml version='1.0' encoding='UTF-8'?>\n" + group("<title>A &amp; B</title><record date='1'><a><![CDATA[x]]></a><!-- c --></record><people><person id='P'/></people>")
	for n := range len(text) {
		if _, err := ianaxml.Read([]byte(text[:n])); err == nil {
			t.Errorf("read: %s", text[:n])
		}
	}
}

// Next gives what Read gives, whatever came before: here, records that came, went, changed places, and mean something
// else for another namespace.
func TestNext(t *testing.T) {
	record := func(n int) string { return fmt.Sprintf("<record>\n<a>%d</a></record>\n", n) }
	documents := []string{group("")}
	for _, order := range [][]int{{0, 1, 2}, {1, 2}, {1, 3, 2}, {2, 1, 3}, {2, 2, 2}, {}} {
		text := ""
		for _, n := range order {
			text += record(n)
		}
		documents = append(documents, group(text), group("<registry id='a'>"+text+"</registry><people><person>x</person></people>"))
	}
	long := ""
	for n := range 200 {
		long += record(n)
	}
	documents = append(documents, group(long), group(strings.Replace(long, record(7), "", 1)), group("<x xmlns='urn:x'>"+long+"</x>"),
		strings.Replace(group(long), "<registry", "<registry xmlns:o='urn:o'", 1), group("<registry id='a' xmlns='http://www.iana.org/assignments'>"+long+"</registry>"+long))
	for _, before := range documents {
		for _, text := range documents {
			got, err := mustRead(t, before).Next([]byte(text))
			if d := cmp.Diff(read(mustRead(t, text), nil), read(got, err)); d != "" {
				t.Errorf("%.200s\nafter %.200s: (-Read +Next)\n%.1000s", text, before, d)
			}
		}
	}
}

// Latin-1 is read where it is declared.
func TestLatin1(t *testing.T) {
	g := mustRead(t, "<?xml version='1.0' encoding='ISO-8859-1'?>"+group("<title>M\xfcller</title>"))
	if got := g.Registries[0].Title; got != "Müller" {
		t.Errorf("title %q", got)
	}
}
