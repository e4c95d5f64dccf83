package ports_test

import (
	"fmt"

	"github.com/ianasync/ianasync/registry/ports"
)

const edition = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact," +
	"Registration Date,Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\r\n" +
	"https,443,tcp,http protocol over TLS/SSL,[IESG],[IETF_Chair],,2021-10-01,[RFC9110],,,\r\n" +
	"inetfs,7775,tcp,\"A file system\n      for the Internet\",,,2013-01-07,,,,,\r\n" +
	",7748-7776,,Unassigned,,,,,,,,\r\n" +
	"example,70000,tcp,,,,,,,,,\r\n"

func ExampleParse() {
	table, err := ports.Parse([]byte(edition))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range table.Records {
		fmt.Printf("%s %q %s: %q\n", r.Ports, r.ServiceName, r.Status(), r.Description)
	}
	for _, p := range table.Problems {
		fmt.Println("problem:", p)
	}
	// Output:
	// 443 "https" Assigned: "http protocol over TLS/SSL"
	// 7748-7776 "" Unassigned: "Unassigned"
	// 7775 "inetfs" Assigned: "A file system for the Internet"
	// 70000 "example" Assigned: ""
	// problem: 6:9: Port Number: 70000 is over 65535, the highest port number
}

func ExampleTable_Port() {
	table, err := ports.Parse([]byte(edition))
	if err != nil {
		fmt.Println(err)
		return
	}
	// Rows overlap: an assigned port may lie in a range that is still listed as Unassigned.
	for _, r := range table.Port(7775, ports.TCP) {
		fmt.Printf("%s %s %q\n", r.Ports, r.Status(), r.ServiceName)
	}
	// Output:
	// 7748-7776 Unassigned ""
	// 7775 Assigned "inetfs"
}
