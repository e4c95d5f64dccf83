package registry_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/registry"
)

const (
	protocolsCSV = "Decimal,Keyword,Protocol,IPv6 Extension Header,Reference\r\n" +
		"0,HOPOPT,IPv6 Hop-by-Hop Option,Y,[RFC8200]\r\n" +
		"6,TCP,Transmission Control,,[RFC9293]\r\n" +
		"148-252,,Unassigned,,[Internet_Assigned_Numbers_Authority]\r\n"
	protocolsXML = `<registry xmlns="http://www.iana.org/assignments" id="protocol-numbers"><registry id="protocol-numbers-1">
<record><value>0</value><name>HOPOPT</name><description>IPv6 Hop-by-Hop Option</description><ipv6>Y</ipv6><xref type="rfc" data="rfc8200"/></record>
<record><value>6</value><name>TCP</name><description>Transmission Control</description><xref type="rfc" data="rfc9293"/></record>
<record><value>148-252</value><description>Unassigned</description><xref type="text">Internet_Assigned_Numbers_Authority</xref></record>
</registry></registry>`
)

// TestProtocolNumbers holds that CSV and XML of the protocol numbers, which are described by hand, are one table.
func TestProtocolNumbers(t *testing.T) {
	var tables []*registry.Table
	for name, text := range map[string]string{"protocol-numbers-1.csv": protocolsCSV, "protocol-numbers.xml": protocolsXML} {
		e, err := registry.Read(name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		table := e.Table("protocol-numbers/protocol-numbers-1")
		if table == nil {
			t.Fatalf("%s has no table protocol-numbers/protocol-numbers-1", name)
		}
		tables = append(tables, table)
		var roles []string
		for _, c := range table.Columns {
			roles = append(roles, c.Heading()+": "+string(c.Role))
		}
		want := []string{"Decimal: value", "Keyword: name", "Protocol: description", "IPv6 Extension Header: note", "Reference: reference"}
		if d := cmp.Diff(want, roles); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	if !slices.Equal(tables[0].Records, tables[1].Records) || tables[0].Digest() != tables[1].Digest() {
		t.Errorf("the CSV and the XML are two tables:\n%s\n%s", tables[0].CSV(), tables[1].CSV())
	}
}
