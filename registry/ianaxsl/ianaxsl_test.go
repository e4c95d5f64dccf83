package ianaxsl_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/registry/ianaxsl"
)

const (
	head = `<xsl:stylesheet xmlns="http://www.w3.org/1999/xhtml" xmlns:iana="http://www.iana.org/assignments" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0">`
	tail = `</xsl:stylesheet>`
)

func TestLabels(t *testing.T) {
	s, err := ianaxsl.Parse([]byte(head + `
  <xsl:import href="../_support/iana-registry.xsl"/>
  <xsl:template name="iana:record_header">
    <xsl:choose>
      <xsl:when test="@id = 'suites'"><tr><th>Value</th><th>DTLS-<br/>OK</th><th> Recom
        mended </th><th>Reference</th><th>Contact</th><th>Since</th><th>Of</th></tr></xsl:when>
      <xsl:when test="@id='one' or @id = 'two'"><tr><th>Code</th><xsl:if test="@id = 'two'"><th>Name</th></xsl:if></tr></xsl:when>
      <xsl:when test="@id = 'short'"><tr><th>Value</th><th>Name</th></tr></xsl:when>
      <xsl:otherwise><tr><th>Number</th></tr></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <xsl:template match="iana:record">
    <xsl:choose>
      <xsl:when test="../@id = 'suites'">
        <tr><td><xsl:value-of select="iana:value"/></td><td><xsl:value-of select="iana:dtls-only"/></td><td><xsl:value-of select="iana:rec"/></td>
        <td><xsl:apply-templates select="iana:xref[@type!='person']|iana:value"/></td><td><xsl:apply-templates select="iana:xref[@type = 'person']"/></td>
        <td><xsl:value-of select="@date"/></td><td><b><xsl:value-of select="iana:rec"/></b></td></tr>
      </xsl:when>
      <xsl:otherwise>
        <tr><td><xsl:choose><xsl:when test="iana:value = 3">three</xsl:when><xsl:otherwise><xsl:value-of select="iana:value"/></xsl:otherwise></xsl:choose></td>
        <xsl:if test="../@id = 'two'"><td><xsl:apply-templates select="iana:name"/></td></xsl:if></tr>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
` + tail))
	if err != nil {
		t.Fatal(err)
	}
	for registry, want := range map[string]map[string]string{
		"suites": {"value": "Value", "dtls-only": "DTLS-OK", "rec": "Recom mended", "reference": "Reference", "contact": "Contact", "registration_date": "Since"},
		"one":    {"value": "Code"},
		"two":    {"value": "Code", "name": "Name"},
		"other":  {"value": "Number"},
		"short":  nil, // two headings, one cell
	} {
		if d := cmp.Diff(want, s.Labels(registry)); d != "" {
			t.Errorf("%s (-want +got):\n%s", registry, d)
		}
	}
}

func TestNoStylesheet(t *testing.T) {
	for what, c := range map[string]struct{ text, want string }{
		"nothing":         {"", "its root is no xsl:stylesheet"},
		"a page":          {"<html xmlns='http://www.w3.org/1999/xhtml'><body>404</body></html>", "its root is no xsl:stylesheet"},
		"text":            {"not found", "its root is no xsl:stylesheet"},
		"half of one":     {head + "<xsl:template>", "unexpected EOF"},
		"a document type": {"<!DOCTYPE x [<!ENTITY a 'aa'>]>" + head + "&a;" + tail, "DOCTYPE"},
		"an entity":       {head + "&a;" + tail, "invalid character entity &a;"},
		"another coding":  {"<?xml version='1.0' encoding='UTF-16'?>" + head + tail, "not UTF-8"},
		"too deep":        {head + strings.Repeat("<a>", 200) + strings.Repeat("</a>", 200) + tail, "nested more than 100 deep"},
		"too large":       {head + strings.Repeat(" ", ianaxsl.MaxBytes) + tail, "at most 1048576 are read"},
	} {
		if _, err := ianaxsl.Parse([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", what, err, c.want)
		}
	}
	if s, err := ianaxsl.Parse([]byte(head + tail)); err != nil || s.Labels("x") != nil && len(s.Labels("x")) > 0 {
		t.Errorf("a stylesheet without templates: %v", err)
	}
}
