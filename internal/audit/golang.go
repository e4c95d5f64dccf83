package audit

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ianasync/ianasync/registry/ports"
)

// goSource is what Go source has: a package clause, or the type of a map.
var goSource = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^package[ \t]+\w+[ \t]*(?://.*)?\r?$|\bmap\[\w+\][\w.*\[\]]+[ \t]*\{`)
})

// ownGo is in the first line of what "ianasync export --format go" writes. Its values are all names on a port, with
// blanks between.
var ownGo = []byte("ianasync export --format go")

// parseGo parses Go source: all maps and lists in it that are lists of services. Others are skipped.
func parseGo(data []byte) (*List, error) {
	files := token.NewFileSet()
	clause := missingClause(data)
	p := &goParser{list: &List{Form: Go}, files: files, clause: len(clause), own: bytes.Contains(data[:min(len(data), 200)], ownGo)}
	file, err := parser.ParseFile(files, "", append(clause, data...), parser.SkipObjectResolution)
	if list, ok := errors.AsType[scanner.ErrorList](err); ok {
		at := p.cell(list[0].Pos)
		return nil, &ParseError{at.line, at.column, list[0].Msg}
	} else if err != nil {
		return nil, &ParseError{Problem: err.Error()}
	}
	ast.Walk(p, file)
	if len(p.list.Entries) == 0 {
		return nil, &ParseError{Problem: "the Go source has no map of ports to names or of names to ports, and no list of structs with a name and a port"}
	}
	return p.list, nil
}

// packageClause begins a file of Go source.
var packageClause = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^package[ \t]`) })

// missingClause returns what makes a file of a part of one when it stands before it.
func missingClause(data []byte) []byte {
	switch {
	case packageClause().Match(data):
		return nil
	case bytes.HasPrefix(bytes.TrimSpace(data), []byte("map[")):
		return []byte("package p; var _ = ")
	}
	return []byte("package p; ")
}

// goParser visits the nodes of a file.
type goParser struct {
	list   *List
	files  *token.FileSet
	clause int    // bytes before the file, on its first line
	own    bool   // the values are names with blanks between
	named  string // the variable that is declared
}

// cell returns an empty cell at a position.
func (p *goParser) cell(at token.Position) cell {
	if at.Line == 1 {
		at.Column = max(1, at.Column-p.clause)
	}
	return cell{line: at.Line, column: at.Column}
}

// Visit adds the composite literals that are lists of services, with what is in them.
func (p *goParser) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.ValueSpec:
		inside := *p
		inside.named = n.Names[0].Name
		return &inside
	case *ast.CompositeLit:
		part := &List{}
		v := p.value(n)
		part.addValue(&v, protocolIn(p.named, n.Type))
		if part, err := part.done(); err == nil {
			p.list.Entries = append(p.list.Entries, part.Entries...)
			p.list.Unreadable = append(p.list.Unreadable, part.Unreadable...)
			p.list.Unplaced += part.Unplaced
			p.list.Unnamed += part.Unnamed
			return nil
		}
	}
	return p
}

// protocolIn returns the transport protocol that the name of a variable or the type of a map's keys has in it:
// "tcpPortNames", map[TCPPort]string. It returns "" where there is none, or several.
func protocolIn(name string, t ast.Expr) string {
	if m, ok := t.(*ast.MapType); ok {
		switch key := m.Key.(type) {
		case *ast.Ident:
			name += " " + key.Name
		case *ast.SelectorExpr:
			name += " " + key.Sel.Name
		}
	}
	found := slices.DeleteFunc(ports.Transports(), func(t ports.Transport) bool { return !strings.Contains(strings.ToLower(name), string(t)) })
	if len(found) != 1 {
		return ""
	}
	return string(found[0])
}

// value returns the value of an expression.
func (p *goParser) value(e ast.Expr) value {
	v := value{cell: p.cell(p.files.Position(e.Pos()))}
	switch e := e.(type) {
	case *ast.BasicLit:
		v.kind, v.text = scalar, literal(e)
	case *ast.ParenExpr:
		return p.value(e.X)
	case *ast.UnaryExpr:
		return p.value(e.X)
	case *ast.CallExpr: // TCPPort(80)
		if len(e.Args) == 1 {
			return p.value(e.Args[0])
		}
	case *ast.CompositeLit:
		p.elements(&v, e.Elts)
	case *ast.Ident:
		if e.Name != "nil" {
			v.text = e.Name
		}
	default:
		v.text = "?"
	}
	return v
}

// elements fills a value with the elements of a composite literal.
func (p *goParser) elements(v *value, elements []ast.Expr) {
	v.kind = listValue
	for _, e := range elements {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			v.items = append(v.items, p.value(e))
			continue
		}
		v.kind = objectValue
		item := p.value(pair.Value)
		if p.own {
			item = objectsOf(item)
		}
		v.keys, v.items = append(v.keys, p.value(pair.Key).cell), append(v.items, item)
	}
}

// objectsOf returns the names in a value, which have blanks between, as a list of objects.
func objectsOf(v value) value {
	list := value{cell: v.cell, kind: listValue}
	for name := range strings.FieldsSeq(v.text) {
		object := value{cell: v.cell, kind: objectValue, keys: []cell{{text: "name"}}}
		object.items = []value{{cell: cell{name, v.line, v.column}, kind: scalar}}
		list.items = append(list.items, object)
	}
	return list
}

// literal returns the text of a string, or a number in decimal.
func literal(l *ast.BasicLit) string {
	switch l.Kind {
	case token.STRING:
		text, _ := strconv.Unquote(l.Value) // the parser has accepted it
		return text
	case token.INT:
		if n, err := strconv.ParseUint(l.Value, 0, 64); err == nil {
			return strconv.FormatUint(n, 10)
		}
	default:
	}
	return l.Value
}
