// Reads one base64-encoded document per line, and prints the result of yaml.v3 as JSON.
// A value that JSON cannot hold becomes an object with its type, so it equals no other value.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	"gopkg.in/yaml.v3"
)

func typed(kind string, value string) map[string]interface{} {
	return map[string]interface{}{"$type": kind, "value": value}
}

func toComparable(value interface{}) interface{} {
	switch v := value.(type) {
	case map[string]interface{}:
		out := map[string]interface{}{}
		for key, item := range v {
			out[key] = toComparable(item)
		}
		return out
	case map[interface{}]interface{}:
		out := map[string]interface{}{}
		for key, item := range v {
			if name, ok := key.(string); ok {
				out[name] = toComparable(item)
			} else {
				out[fmt.Sprintf("%T:%v", key, key)] = toComparable(item)
			}
		}
		return out
	case []interface{}:
		out := make([]interface{}, len(v))
		for i, item := range v {
			out[i] = toComparable(item)
		}
		return out
	case float64:
		if math.IsInf(v, 1) {
			return typed("number", "inf")
		} else if math.IsInf(v, -1) {
			return typed("number", "-inf")
		} else if math.IsNaN(v) {
			return typed("number", "nan")
		}
		return v
	case time.Time:
		return typed("date", v.Format("2006-01-02"))
	default:
		return value
	}
}

func answer(data []byte) (out map[string]interface{}) {
	defer func() {
		if problem := recover(); problem != nil {
			out = map[string]interface{}{"error": fmt.Sprint(problem)}
		}
	}()
	var value interface{}
	if err := yaml.Unmarshal(data, &value); err != nil {
		return map[string]interface{}{"error": err.Error()}
	}
	return map[string]interface{}{"value": toComparable(value)}
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	for {
		line, err := in.ReadString('\n')
		if len(line) == 0 && err != nil {
			return
		}
		data, _ := base64.StdEncoding.DecodeString(line[:len(line)-1])
		encoder.Encode(map[string]interface{}{"yaml.v3": answer(data)})
	}
}
