"""The packaged functions, run as AWS Lambda runs them."""
