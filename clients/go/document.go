package scimult

import (
	"strings"
	"unicode/utf8"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

// Document is a paper or a plain text. [Paper] and [Text] make documents, and JSON objects can be decoded into them.
//
// The client replaces what the protocol cannot carry: a byte that is not UTF-8 becomes U+FFFD, and NUL is removed.
type Document struct {
	// ID is returned with the document's embedding or rank. The server does not use it.
	ID string
	content
}

// content is the part of a document that the model reads.
type content struct {
	isPaper               bool
	title, abstract, text string
}

// Paper returns a document for a paper. For a label, pass its name as the title and its definition as the abstract.
func Paper(title, abstract string) Document {
	return Document{content: content{isPaper: true, title: title, abstract: abstract}}
}

// Text returns a document for a plain text, such as a search query.
func Text(text string) Document {
	return Document{content: content{text: text}}
}

// WithID returns the document with an ID.
func (d Document) WithID(id string) Document {
	d.ID = id
	return d
}

// Title returns the title of a paper, or an empty string for a text.
func (d Document) Title() string { return d.title }

// Abstract returns the abstract of a paper, or an empty string for a text.
func (d Document) Abstract() string { return d.abstract }

// Text returns the text of a plain text, or an empty string for a paper.
func (d Document) Text() string { return d.text }

func (d Document) message() *pb.Document {
	message := &pb.Document{Id: mended(d.ID)}
	if d.isPaper {
		message.Content = &pb.Document_Paper{Paper: &pb.Paper{Title: mended(d.title), Abstract: mended(d.abstract)}}
	} else {
		message.Content = &pb.Document_Text{Text: mended(d.text)}
	}
	return message
}

// mended returns a text that the protocol can carry, with U+FFFD for each byte that is not UTF-8, and without NUL.
func mended(text string) string {
	if !utf8.ValidString(text) {
		text = string([]rune(text))
	}
	return strings.ReplaceAll(text, "\x00", "")
}

// fromMessage returns the document that a server sent back.
func fromMessage(message *pb.Document) Document {
	if paper := message.GetPaper(); paper != nil {
		return Paper(paper.Title, paper.Abstract).WithID(message.Id)
	}
	return Text(message.GetText()).WithID(message.Id)
}

// Role is a document's side of the comparison: query or candidate.
type Role int32

// The roles of a bi-encoder.
const (
	Query     = Role(pb.Role_ROLE_QUERY)
	Candidate = Role(pb.Role_ROLE_CANDIDATE)
)
