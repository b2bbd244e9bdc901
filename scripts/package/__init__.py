"""Zips for AWS Lambda, made without Docker: the same bytes every time, whoever makes them.

A zip holds our own modules that the function imports, and the packages of its lock, boto3 included: what runs is what
was tested, not what Lambda's runtime happens to bring. Of botocore only the services that are called come along, which
leaves 33 MiB of 58. It holds no byte code, which only the runtime's own Python could make, and is stored, not deflated
(9 MiB): compressors differ between Pythons and systems, and then nobody could check a zip by making it again.
"""
