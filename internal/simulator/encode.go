package simulator

import "strconv"

// The answers are written by hand: it is fast, and unlike encoding/json it sends
// invalid UTF-8 as it is, so that readers can be tried with it.

// appendMember starts a member of an object: a comma where one is due, then the
// name. Names need no escapes.
func appendMember(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b = append(b, '"')
	b = append(b, name...)
	return append(b, '"', ':')
}

func appendTextMember(b []byte, name, value string) []byte {
	return appendText(appendMember(b, name), value)
}

func closeObject(b []byte) []byte { return append(b, '}') }

const hexDigits = "0123456789abcdef"

func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch ch := s[i]; {
		case ch == '"' || ch == '\\':
			b = append(b, '\\', ch)
		case ch < 0x20:
			b = append(b, '\\', 'u', '0', '0', hexDigits[ch>>4], hexDigits[ch&15])
		default:
			b = append(b, ch)
		}
	}
	return append(b, '"')
}

// appendItems appends a member that is an array of n items.
func appendItems(b []byte, name string, n int, form EmptyArrays, item func(b []byte, i int) []byte) []byte {
	switch {
	case n == 0 && form == EmptyAbsent:
		return b
	case n == 0 && form == EmptyNull:
		return append(appendMember(b, name), "null"...)
	}
	b = append(appendMember(b, name), '[')
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, i)
	}
	return append(b, ']')
}

func appendTags(b []byte, name string, tags []Tag, q Quirks) []byte {
	return appendItems(b, name, len(tags), q.EmptyArrays, func(b []byte, i int) []byte {
		b = appendTextMember(append(b, '{'), "key", tags[i].Key)
		switch value := tags[i].Value; {
		case value != nil:
			b = appendTextMember(b, "value", *value)
		case !q.AbsentNullValue:
			b = append(appendMember(b, "value"), "null"...)
		}
		return closeObject(b)
	})
}

func appendKeyValues(b []byte, name string, tags []PoolTag, q Quirks) []byte {
	return appendItems(b, name, len(tags), q.EmptyArrays, func(b []byte, i int) []byte {
		b = appendTextMember(append(b, '{'), "key", tags[i].Key)
		values := tags[i].Values
		b = appendItems(b, "values", len(values), q.EmptyArrays, func(b []byte, j int) []byte {
			return appendText(b, values[j])
		})
		return closeObject(b)
	})
}

func appendTotal(b []byte, n int, form TotalCount) []byte {
	switch form {
	case TotalAbsent:
		return b
	case TotalString:
		return appendTextMember(b, "total_count", strconv.Itoa(n))
	default:
		return strconv.AppendInt(appendMember(b, "total_count"), int64(n), 10)
	}
}

// page returns the bounds of a page of n records; both are n past the end.
func page(n, offset, limit int) (from, to int) {
	from = min(offset, n)
	return from, from + min(limit, n-from)
}

func textOf(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}
