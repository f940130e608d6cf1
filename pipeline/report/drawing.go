package report

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"regexp"
)

var (
	identifier = regexp.MustCompile(`(\sid=["'])([^"']+)`)
	reference  = regexp.MustCompile(`(url\(["']?#|href=["']#)([^"')]+)`)
	size       = regexp.MustCompile(`\s(?:width|height)=["'][^"']*["']`)
	viewBox    = regexp.MustCompile(`\sviewBox=["'][\d.eE+-]+[\s,]+[\d.eE+-]+[\s,]+([\d.eE]+)[\s,]+([\d.eE]+)["']`)
)

// inline makes an SVG file part of a page: without its prologue, as wide as the page
// gives it room, with identifiers of its own, and named by the element labelledBy.
// The natural width is that of its view box, in points, 0 if there is none. A file that
// is no SVG gives nothing.
func inline(file []byte, name, labelledBy string) (drawing template.HTML, width float64) {
	begin, end := bytes.Index(file, []byte("<svg")), bytes.LastIndex(file, []byte("</svg>"))
	if begin < 0 || end < begin {
		return "", 0
	}
	file = file[begin : end+len("</svg>")]
	open := bytes.IndexByte(file, '>')
	head, rest := file[:open], file[open:]
	if box := viewBox.FindSubmatch(head); box != nil {
		fmt.Sscan(string(box[1]), &width)
		head = size.ReplaceAll(head, nil)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg role="img" aria-labelledby="%s"`, html.EscapeString(labelledBy))
	b.Write(head[len("<svg"):])
	b.Write(rest)
	out := identifier.ReplaceAll(b.Bytes(), []byte("${1}"+name+"-${2}"))
	out = reference.ReplaceAll(out, []byte("${1}"+name+"-${2}"))
	return template.HTML(out), width
}
