"""The local stack: emulators of Pub/Sub, Cloud Storage and BigQuery, and the functions, as processes of one command.

stack         starts and ends all of it; `endpoints` are its addresses, `resources` its topics, bucket and tables
demo_site     the web site that `earshot demo` crawls
"""
