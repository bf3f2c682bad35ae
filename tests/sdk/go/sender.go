// Sends with a library for Go: sender <url> <write key> <all|refused>.
//
// Prints what the library could not send, a line each.
package main

import (
	"fmt"
	"os"
	"time"

	analytics "github.com/segmentio/analytics-go/v3"
)

type outcome struct {
	failed    bool
	messageID string
}

// What the library says of each call, and each time that it logs something.
type ear struct {
	outcomes chan outcome
	logged   chan string
}

func (e ear) Success(call analytics.Message)          { e.outcomes <- outcome{false, idOf(call)} }
func (e ear) Failure(call analytics.Message, _ error) { e.outcomes <- outcome{true, idOf(call)} }
func (e ear) Errorf(string, ...interface{})           {}
func (e ear) Logf(format string, args ...interface{}) {
	select {
	case e.logged <- fmt.Sprintf(format, args...):
	default:
	}
}

func idOf(call analytics.Message) string {
	switch m := call.(type) {
	case analytics.Identify:
		return m.MessageId
	case analytics.Track:
		return m.MessageId
	case analytics.Page:
		return m.MessageId
	case analytics.Screen:
		return m.MessageId
	case analytics.Group:
		return m.MessageId
	case analytics.Alias:
		return m.MessageId
	}
	return ""
}

func main() {
	e := ear{make(chan outcome, 100), make(chan string, 1)}
	config := analytics.Config{Endpoint: os.Args[1], Interval: 100 * time.Millisecond, Callback: e, Logger: e}
	if os.Args[3] == "refused" {
		config.BatchSize = 1
	}
	client, err := analytics.NewWithConfig(os.Args[2], config)
	must(err)
	if os.Args[3] == "refused" {
		refusedThenGood(client, e)
	} else {
		sixtyCalls(client, e)
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func printed(o outcome) outcome {
	if o.failed {
		fmt.Println("failure", o.messageID)
	}
	return o
}

// A closed library gives up what met an error, so it is closed when all of it was sent.
func sixtyCalls(client analytics.Client, e ear) {
	for i := range 10 {
		for _, call := range calls(i) {
			must(client.Enqueue(call))
		}
	}
	for range 60 {
		printed(<-e.outcomes)
	}
	must(client.Close())
}

func calls(i int) []analytics.Message {
	id := func(kind string) string { return fmt.Sprintf("%s-%d", kind, i) }
	user, device, at := fmt.Sprintf("ann%d", i), fmt.Sprintf("laptop%d", i), time.Now()
	order := analytics.Properties{"total": 120.5, "count": i, "paid": true}
	return []analytics.Message{
		analytics.Identify{
			MessageId: id("identify"), UserId: user, AnonymousId: device, Timestamp: at,
			Traits: analytics.Traits{"email": user + "@example.com", "nested": map[string]any{"city": "Zürich ✓"}},
		},
		analytics.Track{
			MessageId: id("track"), UserId: user, AnonymousId: device, Timestamp: at,
			Event: "Order Completed", Properties: order,
		},
		analytics.Page{
			MessageId: id("page"), UserId: user, AnonymousId: device, Timestamp: at,
			Name: "Home", Properties: analytics.Properties{"url": "https://shop.example/"},
		},
		analytics.Screen{
			MessageId: id("screen"), UserId: user, AnonymousId: device, Timestamp: at,
			Name: "Basket", Properties: order,
		},
		analytics.Group{
			MessageId: id("group"), UserId: user, AnonymousId: device, Timestamp: at,
			GroupId: "acme", Traits: analytics.Traits{"employees": 7},
		},
		analytics.Alias{MessageId: id("alias"), UserId: user, PreviousId: id("before"), Timestamp: at},
	}
}

// The library tries a refused call ten times, beside what else it sends; closed, it gives the call up.
// RudderStack's gives every call but this one and alias an anonymous id, if it has none.
func refusedThenGood(client analytics.Client, e ear) {
	must(client.Enqueue(analytics.Identify{MessageId: "refused", UserId: "null"}))
	<-e.logged
	must(client.Enqueue(analytics.Track{MessageId: "good", UserId: "ann", Event: "Good"}))
	for printed(<-e.outcomes).messageID != "good" {
	}
	must(client.Close())
	for len(e.outcomes) > 0 {
		printed(<-e.outcomes)
	}
}
