module github.com/scimult/scimult-serve/clients/go

go 1.22

require (
	google.golang.org/grpc v1.33.3
	google.golang.org/protobuf v1.28.1
)
