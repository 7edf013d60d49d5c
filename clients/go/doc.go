// Package scimult is the client of SciMult Serve: it embeds scientific papers and texts, and ranks candidates for a query,
// with the expert of a task.
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
// A task that is none of the three constants is its name, as [Model.TaskNames] has it.
//
// A call takes any number of documents: they are cut into requests within the limits that the server tells, and the answers
// are put together again. [Client.EncodeAll] is for more of them than fit into memory.
//
// Calls that a full or a stopping server turns away are made again, at the time that the server asks for; what fails in the
// end is an [*Error]. Deadlines and cancellation are the context's.
package scimult
