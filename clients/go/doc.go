// Package scimult is the client of SciMult Serve. It embeds scientific papers and texts, and ranks candidates for a
// query, with the expert of a task.
//
//	client, err := scimult.Dial("127.0.0.1:50051")
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//	embeddings, err := client.Encode(ctx, scimult.Search, []scimult.Document{
//		scimult.Paper("Attention Is All You Need", "The dominant sequence transduction models …"),
//		scimult.Text("mixture of experts"),
//	})
//
// Other tasks than the three constants are named as in [Model.TaskNames].
//
// A call takes any number of documents. The client splits them into requests within the server's limits, and combines
// the responses. For more documents than fit into memory, use [Client.EncodeAll].
//
// If a server is full or is stopping, the client repeats the call at the time that the server names. A call that
// finally fails returns an [*Error]. Deadlines and cancellation come from the context.
package scimult
