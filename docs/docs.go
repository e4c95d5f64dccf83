// Package docs holds the schemas of what the program writes, for those who publish them with it.
package docs

import _ "embed"

// DiffSchema is the JSON Schema of changes: see json.md.
//
//go:embed diff.schema.json
var DiffSchema []byte
