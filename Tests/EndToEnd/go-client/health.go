package main

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// health checks the health of the server, of a service and of an unknown service, and watches one.
func health(ctx context.Context, connection *grpc.ClientConn) (interface{}, error) {
	client := grpc_health_v1.NewHealthClient(connection)
	outcome := map[string]string{}
	for _, service := range []string{"", "scimult.v1.SciMult", "other.Service"} {
		response, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: service})
		if err != nil {
			outcome[service] = codeOf(err)
			continue
		}
		outcome[service] = response.Status.String()
	}
	watch, err := client.Watch(ctx, &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		return nil, err
	}
	first, err := watch.Recv()
	if err != nil {
		return nil, err
	}
	outcome["watch"] = first.Status.String()
	return outcome, nil
}
