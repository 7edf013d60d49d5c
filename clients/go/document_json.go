package scimult

import (
	"encoding/json"
	"errors"
	"fmt"
)

// idNames are the names of a document's ID. The first one that has a value is used.
var idNames = []string{
	"id", "_id", "paper_id", "paperId", "corpus_id", "corpusId", "corpusid", "doc_id", "docId", "docid",
}

// UnmarshalJSON reads a document from an object, as data sets have them: with "title" and optionally "abstract" (or
// "text" in its place), or with only "text". The ID may be named id, _id, paper_id, corpus_id or doc_id. An ID that is
// not a string becomes its JSON text. Other members are ignored, and null counts as missing.
func (d *Document) UnmarshalJSON(text []byte) error {
	members, err := jsonObject(text)
	if err != nil {
		return fmt.Errorf("scimult: %w", err)
	}
	document, err := fromMembers(members)
	if err != nil {
		return fmt.Errorf("scimult: %w", err)
	}
	*d = document
	return nil
}

// MarshalJSON writes the object that [Document.UnmarshalJSON] reads.
func (d Document) MarshalJSON() ([]byte, error) {
	if d.isPaper {
		return json.Marshal(struct {
			ID       string `json:"id,omitempty"`
			Title    string `json:"title"`
			Abstract string `json:"abstract"`
		}{d.ID, d.title, d.abstract})
	}
	return json.Marshal(struct {
		ID   string `json:"id,omitempty"`
		Text string `json:"text"`
	}{d.ID, d.text})
}

// fromMembers returns the document with an object's members.
func fromMembers(members map[string][]byte) (Document, error) {
	title, err := textMember(members, "title")
	if err != nil {
		return Document{}, err
	}
	abstract, err := textMember(members, "abstract")
	if err != nil {
		return Document{}, err
	}
	text, err := textMember(members, "text")
	if err != nil {
		return Document{}, err
	}
	id, err := idMember(members)
	if err != nil {
		return Document{}, err
	}
	_, namesTitle := members["title"]
	_, namesAbstract := members["abstract"]
	_, hasText := valueOf(members, "text")
	switch {
	case abstract != "" && text != "":
		return Document{}, errors.New(`"abstract" and "text" are both given; one of them is needed`)
	case hasText && abstract == "" && title != "":
		return Paper(title, text).WithID(id), nil
	case hasText && abstract == "":
		return Text(text).WithID(id), nil
	case namesTitle || namesAbstract:
		return Paper(title, abstract).WithID(id), nil
	default:
		return Document{}, errors.New(`neither "title" nor "text" is given`)
	}
}

// textMember returns a member's string, or an empty string if it has no value.
func textMember(members map[string][]byte, name string) (string, error) {
	raw, isThere := valueOf(members, name)
	if !isThere {
		return "", nil
	}
	text, isText := stringOf(raw)
	if !isText {
		return "", fmt.Errorf("%q must be a text", name)
	}
	return mended(text), nil
}

func idMember(members map[string][]byte) (string, error) {
	for _, name := range idNames {
		raw, isThere := valueOf(members, name)
		if !isThere {
			continue
		}
		if text, isText := stringOf(raw); isText {
			return text, nil
		}
		if holdsOtherNumbers(raw) {
			return "", errors.New(`"id" holds a number that JSON has not`)
		}
		return string(raw), nil
	}
	return "", nil
}

// valueOf returns a member's JSON text, and whether it has a value: null and NaN have none.
func valueOf(members map[string][]byte, name string) ([]byte, bool) {
	raw, isThere := members[name]
	return raw, isThere && string(raw) != "null" && string(raw) != "NaN"
}

// holdsOtherNumbers reports whether a value contains Python's NaN or Infinity.
func holdsOtherNumbers(value []byte) bool {
	isInString, isEscaped := false, false
	for _, character := range value {
		switch {
		case isEscaped:
			isEscaped = false
		case character == '"':
			isInString = !isInString
		case isInString:
			isEscaped = character == '\\'
		case character == 'N' || character == 'I':
			// Outside strings, JSON contains neither of these letters.
			return true
		}
	}
	return false
}

func stringOf(value []byte) (string, bool) {
	var text string
	if value[0] != '"' || json.Unmarshal(value, &text) != nil {
		return "", false
	}
	return text, true
}
