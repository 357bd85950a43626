"""What moto lacks of DynamoDB's tables. Imported with the first request to DynamoDB."""
