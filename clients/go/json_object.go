package scimult

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// maxNesting is the maximum nesting depth of values.
const maxNesting = 512

// jsonObject reads the members of an object and keeps each value's JSON text. If a name occurs twice, the last value is
// kept.
//
// It accepts the same input as [json.Unmarshal], except values that are nested too deeply, and also Python's NaN,
// Infinity and -Infinity.
func jsonObject(text []byte) (map[string][]byte, error) {
	scan := jsonScan{text: text}
	scan.blanks()
	if !scan.begins("{") {
		if scan.begins("[") {
			// The first line of an array that spans several lines also ends up here.
			return nil, errors.New("a JSON array; write one object a line")
		}
		if err := scan.value(0); err != nil {
			return nil, err
		}
		if err := scan.end(); err != nil {
			return nil, err
		}
		return nil, errors.New("not a JSON object")
	}
	members := map[string][]byte{}
	err := scan.object(1, func(name string, value []byte) { members[name] = value })
	if err == nil {
		err = scan.end()
	}
	return members, err
}

// jsonScan is a position in a JSON text.
type jsonScan struct {
	text  []byte
	place int
}

func (s *jsonScan) fails(why string) error {
	return fmt.Errorf("not valid JSON at byte %d: %s", s.place, why)
}

func (s *jsonScan) begins(mark string) bool {
	end := s.place + len(mark)
	return end <= len(s.text) && string(s.text[s.place:end]) == mark
}

func (s *jsonScan) take(mark string) bool {
	if !s.begins(mark) {
		return false
	}
	s.place += len(mark)
	return true
}

func (s *jsonScan) blanks() {
	for s.place < len(s.text) && strings.IndexByte(" \t\r\n", s.text[s.place]) >= 0 {
		s.place++
	}
}

func (s *jsonScan) end() error {
	s.blanks()
	if s.place < len(s.text) {
		return s.fails("text behind the value")
	}
	return nil
}

// value skips a value at a nesting depth.
func (s *jsonScan) value(depth int) error {
	switch {
	case s.begins("{"):
		return s.object(depth+1, func(string, []byte) {})
	case s.begins("["):
		return s.array(depth + 1)
	case s.begins(`"`):
		_, err := s.string()
		return err
	}
	for _, literal := range []string{"true", "false", "null", "NaN", "Infinity", "-Infinity"} {
		if s.take(literal) {
			return nil
		}
	}
	return s.number()
}

func (s *jsonScan) object(depth int, member func(name string, value []byte)) error {
	return s.list(depth, "}", func() error {
		if !s.begins(`"`) {
			return s.fails("a name in double quotes is missing")
		}
		name, err := s.string()
		if err != nil {
			return err
		}
		s.blanks()
		if !s.take(":") {
			return s.fails("a colon is missing")
		}
		s.blanks()
		begin := s.place
		if err := s.value(depth); err != nil {
			return err
		}
		member(name, s.text[begin:s.place])
		return nil
	})
}

func (s *jsonScan) array(depth int) error {
	return s.list(depth, "]", func() error { return s.value(depth) })
}

// list skips the items between brackets, separated by commas.
func (s *jsonScan) list(depth int, closing string, item func() error) error {
	if depth > maxNesting {
		return fmt.Errorf("nested more than %d levels deep", maxNesting)
	}
	s.place++
	s.blanks()
	if s.take(closing) {
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		s.blanks()
		if s.take(closing) {
			return nil
		}
		if !s.take(",") {
			return s.fails("a comma is missing")
		}
		s.blanks()
	}
}

// string reads a string and returns its content, with U+FFFD for each unpaired surrogate.
func (s *jsonScan) string() (string, error) {
	begin := s.place
	for s.place++; s.place < len(s.text); s.place++ {
		switch octet := s.text[s.place]; {
		case octet == '"':
			s.place++
			var content string
			if err := json.Unmarshal(s.text[begin:s.place], &content); err != nil {
				s.place = begin
				return "", s.fails("an escape that JSON does not have")
			}
			return content, nil
		case octet == '\\':
			s.place++
		case octet < ' ':
			return "", s.fails("a control character in a string")
		}
	}
	s.place = min(s.place, len(s.text))
	return "", s.fails("a string is not closed")
}

func (s *jsonScan) number() error {
	digits := func() bool {
		begin := s.place
		for s.place < len(s.text) && '0' <= s.text[s.place] && s.text[s.place] <= '9' {
			s.place++
		}
		return s.place > begin
	}
	s.take("-")
	if !s.take("0") && !digits() {
		return s.fails("a value is missing")
	}
	if s.take(".") && !digits() {
		return s.fails("digits are missing behind a point")
	}
	if s.take("e") || s.take("E") {
		if !s.take("+") {
			s.take("-")
		}
		if !digits() {
			return s.fails("digits of an exponent are missing")
		}
	}
	return nil
}
